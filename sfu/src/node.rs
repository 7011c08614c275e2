//! The one task that owns the rooms. Doors send it requests, the media thread its events; what the
//! rooms answer goes out to sockets and to the media thread in order.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use signaling::media::admission::Joining;
use signaling::media::limits::SIGNALS_WAITING_MAX;
use signaling::media::room_service::{Call, Failure, Reply};
use signaling::media::session::{ConnectionId, JoinError, Now, Output, Rooms, TICK_MS};
use signaling::media::token::Claims;
use signaling::media::wire::{SignalRequest, SignalResponse};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::plane::{Translator, report};
use crate::worker::{Commands, Worker};

/// Requests of all doors waiting for the node; at the cap the doors wait.
pub const REQUESTS_WAITING_MAX: usize = 4_096;

/// The handle of a running node.
#[derive(Clone, Debug)]
pub struct Node {
    requests: mpsc::Sender<Request>,
    next_connection: Arc<AtomicU64>,
}

/// What a socket has to write.
#[derive(Debug)]
pub enum Word {
    Signal(Box<SignalResponse>),
    /// Close with 1000 after what came before.
    Close,
}

/// An opened session: the number of its socket and what to write to it.
#[derive(Debug)]
pub struct Session {
    pub connection: ConnectionId,
    pub words: mpsc::Receiver<Word>,
}

#[derive(Debug)]
enum Request {
    Join {
        connection: ConnectionId,
        claims: Box<Claims>,
        joining: Box<Joining>,
        words: mpsc::Sender<Word>,
        answer: oneshot::Sender<Result<(), JoinError>>,
    },
    Admissible {
        claims: Box<Claims>,
        joining: Box<Joining>,
        answer: oneshot::Sender<Result<(), JoinError>>,
    },
    Signal(ConnectionId, Box<SignalRequest>),
    Closed(ConnectionId),
    Serve(Box<Call>, oneshot::Sender<Result<Reply, Failure>>),
    ShutDown(oneshot::Sender<()>),
}

struct Task {
    rooms: Rooms,
    sockets: HashMap<ConnectionId, mpsc::Sender<Word>>,
    commands: Commands,
    translator: Translator,
    clock: Clock,
}

impl Node {
    /// Starts the task on its rooms and media thread.
    #[must_use]
    pub fn start(rooms: Rooms, worker: Worker) -> Self {
        let (requests, received) = mpsc::channel(REQUESTS_WAITING_MAX);
        let task = Task {
            rooms,
            sockets: HashMap::new(),
            commands: worker.commands,
            translator: Translator::default(),
            clock: Clock::start(),
        };
        tokio::spawn(task.run(received, worker.events));
        Self { requests, next_connection: Arc::new(AtomicU64::new(1)) }
    }

    /// Joins or resumes. The first messages are already among the session's words.
    pub async fn join(&self, claims: Claims, joining: Joining) -> Result<Session, JoinError> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let (words, received) = mpsc::channel(SIGNALS_WAITING_MAX);
        let (answer, answered) = oneshot::channel();
        let request = Request::Join {
            connection,
            claims: Box::new(claims),
            joining: Box::new(joining),
            words,
            answer,
        };
        let _ = self.requests.send(request).await;
        answered.await.unwrap_or(Err(JoinError::NodeFull))?;
        Ok(Session { connection, words: received })
    }

    /// What a join would answer, without joining.
    pub async fn admissible(&self, claims: Claims, joining: Joining) -> Result<(), JoinError> {
        let (answer, answered) = oneshot::channel();
        let (claims, joining) = (Box::new(claims), Box::new(joining));
        let _ = self.requests.send(Request::Admissible { claims, joining, answer }).await;
        answered.await.unwrap_or(Err(JoinError::NodeFull))
    }

    /// A message of a client.
    pub async fn signal(&self, connection: ConnectionId, request: SignalRequest) {
        let _ = self.requests.send(Request::Signal(connection, Box::new(request))).await;
    }

    /// The socket of a client is gone.
    pub async fn closed(&self, connection: ConnectionId) {
        let _ = self.requests.send(Request::Closed(connection)).await;
    }

    /// An authorised call of an administrator.
    pub async fn serve(&self, call: Call) -> Result<Reply, Failure> {
        let (answer, answered) = oneshot::channel();
        let _ = self.requests.send(Request::Serve(Box::new(call), answer)).await;
        answered.await.unwrap_or(Err(Failure::NoCapacity))
    }

    /// Tells every client that the server stops.
    pub async fn shut_down(&self) {
        let (done, ended) = oneshot::channel();
        let _ = self.requests.send(Request::ShutDown(done)).await;
        let _ = ended.await;
    }
}

impl Task {
    async fn run(
        mut self,
        mut requests: mpsc::Receiver<Request>,
        mut events: mpsc::Receiver<sfu_core::Event>,
    ) {
        let mut ticks = tokio::time::interval(Duration::from_millis(TICK_MS));
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.take(request).await,
                    None => return,
                },
                event = events.recv() => match event.map(report) {
                    Some(Some(report)) => {
                        let now = self.now();
                        self.rooms.report(report, now);
                    }
                    Some(None) => {}
                    None => return,
                },
                _ = ticks.tick() => {
                    let now = self.now();
                    self.rooms.tick(now);
                }
            }
            self.drain().await;
        }
    }

    fn now(&self) -> Now {
        self.clock.now()
    }

    async fn take(&mut self, request: Request) {
        let now = self.now();
        match request {
            Request::Join { connection, claims, joining, words, answer } => {
                self.sockets.insert(connection, words);
                let joined = self.rooms.join(connection, *claims, *joining, now);
                if joined.is_err() {
                    self.sockets.remove(&connection);
                }
                let _ = answer.send(joined);
            }
            Request::Admissible { claims, joining, answer } => {
                let room = claims.video.as_ref().map(|grant| grant.room.clone());
                let admissible = self.rooms.admissible(
                    &room.unwrap_or_default(),
                    claims.holder(),
                    &claims,
                    &joining,
                );
                let _ = answer.send(admissible);
            }
            Request::Signal(connection, request) => self.rooms.signal(connection, *request, now),
            Request::Closed(connection) => {
                self.sockets.remove(&connection);
                self.rooms.socket_closed(connection, now);
            }
            Request::Serve(call, answer) => {
                let _ = answer.send(self.rooms.serve(*call, now));
            }
            Request::ShutDown(done) => {
                self.rooms.shut_down(now);
                self.drain().await;
                let _ = done.send(());
            }
        }
    }

    async fn drain(&mut self) {
        while let Some(output) = self.rooms.poll() {
            match output {
                Output::Signal { connection, message } => {
                    self.word(connection, Word::Signal(message));
                }
                Output::Close { connection } => {
                    self.word(connection, Word::Close);
                    self.sockets.remove(&connection);
                }
                Output::Media(order) => {
                    for command in self.translator.commands(order) {
                        self.commands.send(command).await;
                    }
                }
            }
        }
    }

    /// Gives a word to a socket; one that reads too slowly is closed, and its client resumes.
    fn word(&mut self, connection: ConnectionId, word: Word) {
        let Some(socket) = self.sockets.get(&connection) else { return };
        if socket.try_send(word).is_err() {
            self.sockets.remove(&connection);
            let now = self.now();
            self.rooms.socket_closed(connection, now);
        }
    }
}
