//! Asks only who has something to say. A task that waits for several things at once is polled as a
//! whole whenever one of them moves: a delivery would look at socket and clock too, each time, which
//! costs more than the delivery.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Stands before one thing that is waited for, and polls it only when that thing has called.
pub(super) struct Gate {
    bell: Arc<Bell>,
    waker: Waker,
}

/// Rings when the guarded thing may have moved.
struct Bell {
    rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Default for Gate {
    /// A gate that is open once, so that the guarded thing learns whom to call.
    fn default() -> Self {
        let bell = Bell { rung: AtomicBool::new(true), task: AtomicWaker::new() };
        let bell = Arc::new(bell);
        Self { waker: Waker::from(Arc::clone(&bell)), bell }
    }
}

impl Gate {
    /// Polls what is guarded, if it has called since. What was ready is polled again next time.
    pub(super) fn poll<T>(
        &self,
        context: &Context<'_>,
        guarded: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.bell.task.register(context.waker());
        if !self.bell.rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let polled = guarded(&mut Context::from_waker(&self.waker));
        if polled.is_ready() {
            self.open();
        }
        polled
    }

    /// Lets the next poll through: something else is guarded now.
    pub(super) fn open(&self) {
        self.bell.rung.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker_ref;

    use super::*;

    #[test]
    fn what_has_not_called_is_not_asked_and_what_was_ready_is_asked_again() {
        let gate = Gate::default();
        let context = Context::from_waker(noop_waker_ref());
        let (mut asked, mut caller) = (0, None);
        let mut poll = |answer: Poll<()>| {
            let polled = gate.poll(&context, |inner| {
                asked += 1;
                caller = Some(inner.waker().clone());
                answer
            });
            (polled.is_ready(), asked, caller.clone())
        };
        assert!(matches!(poll(Poll::Pending), (false, 1, Some(_))), "asked once at first");
        let (ready, asked, caller) = poll(Poll::Ready(()));
        assert!(!ready && asked == 1, "not asked: it has not called");
        caller.expect("whom to call").wake();
        assert!(matches!(poll(Poll::Ready(())), (true, 2, _)));
        assert!(matches!(poll(Poll::Pending), (false, 3, _)), "ready before: asked again");
        assert!(matches!(poll(Poll::Pending), (false, 3, _)));
        gate.open();
        assert!(matches!(poll(Poll::Pending), (false, 4, _)), "something else is guarded");
    }
}
