//! Chromium's DevTools protocol over its pipe: commands with their answers, and what a tab says of itself, which is in
//! its journal before the answer to any later command arrives.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{ChildStdin, ChildStdout},
    sync::{mpsc, oneshot},
};

use crate::{
    chromium::{Pipe, tail},
    error::{Error, Result},
    journal::Journal,
};

/// A machine under load is slow; a browser that says nothing for this long is broken.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

pub(crate) struct Connection {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    next_id: AtomicU64,
    open: Mutex<Open>,
    log: PathBuf,
}

#[derive(Default)]
struct Open {
    /// Nobody answers any more.
    is_closed: bool,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    journals: HashMap<String, Arc<Journal>>,
}

impl Connection {
    pub(crate) fn over(pipe: Pipe, log: PathBuf) -> Arc<Self> {
        let (outgoing, to_send) = mpsc::unbounded_channel();
        let connection = Arc::new(Self { outgoing, next_id: AtomicU64::new(1), open: Mutex::default(), log });
        tokio::spawn(send(pipe.to, to_send));
        tokio::spawn(receive(pipe.from, Arc::clone(&connection)));
        connection
    }

    /// What happens in a tab is written to its journal from now on.
    pub(crate) fn keep(&self, session: &str, journal: Arc<Journal>) {
        self.open().journals.insert(session.to_owned(), journal);
    }

    pub(crate) fn forget(&self, session: &str) {
        self.open().journals.remove(session);
    }

    pub(crate) async fn call(&self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value> {
        let (answer, answered) = oneshot::channel();
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        {
            let mut open = self.open();
            if open.is_closed {
                return Err(self.gone());
            }
            open.waiting.insert(id, answer);
        }
        self.send(id, session, method, parameters);
        let mut answer = match tokio::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => return Err(self.gone()),
            Err(_) => {
                self.open().waiting.remove(&id);
                return Err(Error::Silent { method: method.to_owned(), seconds: ANSWER_WITHIN.as_secs() });
            }
        };
        match answer["error"].take() {
            Value::Null => Ok(answer["result"].take()),
            error => {
                let message = error["message"].as_str().unwrap_or_default().to_owned();
                Err(Error::Refused { method: method.to_owned(), message })
            }
        }
    }

    /// For who cannot wait, and for whom the answer makes no difference.
    pub(crate) fn tell(&self, session: Option<&str>, method: &str, parameters: Value) {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(id, session, method, parameters);
    }

    fn send(&self, id: u64, session: Option<&str>, method: &str, parameters: Value) {
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut text = message.to_string().into_bytes();
        text.push(0);
        // With nobody to send it, whoever waits for the answer learns that the browser has ended.
        let _ = self.outgoing.send(text);
    }

    fn hear(&self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            let waiting = self.open().waiting.remove(&id);
            if let Some(answer) = waiting {
                let _ = answer.send(message);
            }
            return;
        }
        let parameters = message["params"].take();
        let (Some(session), Some(method)) = (message["sessionId"].as_str(), message["method"].as_str())
        else {
            return;
        };
        if method == "Page.javascriptDialogOpening" {
            // A page with an open dialog answers nothing at all.
            self.tell(Some(session), "Page.handleJavaScriptDialog", json!({ "accept": true }));
        }
        let journal = self.open().journals.get(session).cloned();
        if let Some(journal) = journal {
            journal.hear(method, &parameters);
        }
    }

    fn close(&self) {
        let mut open = self.open();
        open.is_closed = true;
        open.waiting.clear();
    }

    fn gone(&self) -> Error {
        Error::Gone { said: tail(&self.log) }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn send(mut to: ChildStdin, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if to.write_all(&message).await.is_err() {
            return;
        }
    }
}

async fn receive(from: ChildStdout, connection: Arc<Connection>) {
    let mut from = BufReader::new(from);
    let mut message = Vec::new();
    loop {
        message.clear();
        let read = from.read_until(0, &mut message).await;
        if !matches!(read, Ok(1..)) || message.pop() != Some(0) {
            connection.close();
            return;
        }
        if let Ok(message) = serde_json::from_slice(&message) {
            connection.hear(message);
        }
    }
}
