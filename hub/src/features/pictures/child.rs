//! Both ends of the child that cleans a picture: the file on its standard input, the picture on
//! its standard output, and one line on its standard error: width and height, or what is wrong.

use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use signaling::limits::{
    PICTURE_BYTES_MAX, PICTURE_CHILD_CPU_S_MAX, PICTURE_CHILD_MEMORY_BYTES_MAX,
    PICTURE_CHILD_WAIT_MS_MAX, PICTURE_CHILDREN_MAX, PICTURE_KEPT_BYTES_MAX, PICTURES_FORMS_MAX,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::cleaning::{self, Picture, Trouble};
use crate::error::Fault;

/// Bytes of the line that a child says; the rest of what a dying one says is left.
const SAID_BYTES_MAX: u64 = 200;

/// What `hub clean-picture` does: limits itself, then reads, decodes and writes.
pub fn clean_as_child() -> io::Result<()> {
    for (resource, most) in [
        (Resource::As, PICTURE_CHILD_MEMORY_BYTES_MAX),
        (Resource::Cpu, PICTURE_CHILD_CPU_S_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 0),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    let mut sent = Vec::new();
    let most = u64::try_from(PICTURE_BYTES_MAX).unwrap_or(u64::MAX);
    io::stdin().lock().take(most).read_to_end(&mut sent)?;
    let said = match cleaning::clean(&sent) {
        Ok(picture) => {
            io::stdout().lock().write_all(&picture.bytes)?;
            format!("{} {}", picture.width, picture.height)
        }
        Err(trouble) => trouble.word().to_owned(),
    };
    io::stderr().lock().write_all(said.as_bytes())
}

/// The way to the children.
#[derive(Debug)]
pub struct Cleaner {
    /// The hub's own program.
    program: PathBuf,
    children: Semaphore,
    /// Forms with pictures under way: each is held in memory.
    pub forms: Semaphore,
}

impl Cleaner {
    /// Children of this program.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        let children = Semaphore::new(PICTURE_CHILDREN_MAX);
        Self { program, children, forms: Semaphore::new(PICTURES_FORMS_MAX) }
    }

    /// Makes a picture anew in a child; one that takes too long is ended.
    pub async fn clean(&self, sent: &[u8]) -> Result<Result<Picture, Trouble>, Fault> {
        let _place = self.children.acquire().await.map_err(Fault::new)?;
        let child = Command::new(&self.program)
            .arg("clean-picture")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Fault::new)?;
        let wait = Duration::from_millis(PICTURE_CHILD_WAIT_MS_MAX);
        match timeout(wait, Told::by(child, sent)).await {
            Ok(told) => told.map_err(Fault::new).map(Told::judged),
            // Dropped, the child is killed.
            Err(_) => Ok(Err(Trouble::Unreadable)),
        }
    }
}

/// What came of a child.
struct Told {
    status: ExitStatus,
    picture: Vec<u8>,
    said: Vec<u8>,
}

impl Told {
    async fn by(mut child: Child, sent: &[u8]) -> io::Result<Self> {
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut input), Some(output), Some(errors)) = pipes else {
            return Err(io::Error::other("the child has no pipes"));
        };
        let (mut picture, mut said) = (Vec::new(), Vec::new());
        // One byte more than may be kept tells that it is too much.
        let most = u64::try_from(PICTURE_KEPT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        let mut output = output.take(most);
        let mut errors = errors.take(SAID_BYTES_MAX);
        let give = async move {
            // A child that ended does not take the rest.
            let _ = input.write_all(sent).await;
            drop(input);
            Ok(0)
        };
        tokio::try_join!(give, output.read_to_end(&mut picture), errors.read_to_end(&mut said))?;
        let status = child.wait().await?;
        Ok(Self { status, picture, said })
    }

    fn judged(self) -> Result<Picture, Trouble> {
        let said = String::from_utf8_lossy(&self.said);
        if let Some(trouble) = Trouble::of(&said) {
            return Err(trouble);
        }
        let sides = said.split_once(' ').and_then(|(width, height)| {
            Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
        });
        let fits = self.picture.len() <= PICTURE_KEPT_BYTES_MAX;
        match sides {
            Some((width, height)) if fits && self.status.success() => {
                Ok(Picture { width, height, bytes: self.picture })
            }
            _ => {
                tracing::warn!(status = %self.status, "a child could not clean a picture");
                Err(Trouble::Unreadable)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_child_that_never_ends_is_ended_and_its_file_refused() {
        // It writes without end and says nothing.
        let cleaner = Cleaner::new(PathBuf::from("/usr/bin/yes"));
        assert_eq!(cleaner.clean(b"x").await.expect("started"), Err(Trouble::Unreadable));
        assert_eq!(cleaner.children.available_permits(), PICTURE_CHILDREN_MAX);
    }

    #[tokio::test]
    async fn a_child_that_dies_or_says_what_it_should_not_is_not_believed() {
        for program in ["/bin/false", "/bin/true", "/bin/echo"] {
            let cleaner = Cleaner::new(PathBuf::from(program));
            assert_eq!(cleaner.clean(b"x").await.expect("started"), Err(Trouble::Unreadable));
        }
    }
}
