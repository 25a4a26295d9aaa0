//! The one thread from which every child is born. On Linux the signal that a parent's death sends is tied to the
//! thread that started the child, so that thread has to live as long as the process.

use std::{
    io,
    process::{Child, Command},
    sync::{OnceLock, mpsc},
    thread,
};

struct Request {
    command: Command,
    answer: mpsc::Sender<io::Result<Child>>,
}

static REQUESTS: OnceLock<mpsc::Sender<Request>> = OnceLock::new();

pub(crate) fn spawn(mut command: Command) -> io::Result<Child> {
    die_with_parent(&mut command);
    let (answer, answered) = mpsc::channel();
    let requests = REQUESTS.get_or_init(begin);
    requests.send(Request { command, answer }).map_err(|_| thread_is_gone())?;
    answered.recv().map_err(|_| thread_is_gone())?
}

fn begin() -> mpsc::Sender<Request> {
    let (requests, received) = mpsc::channel::<Request>();
    // Should the thread not start, its end of the channel is dropped and the first request says so.
    let _ = thread::Builder::new().name("spawner".to_owned()).spawn(move || {
        for mut request in received {
            let _ = request.answer.send(request.command.spawn());
        }
    });
    requests
}

fn thread_is_gone() -> io::Error {
    io::Error::other("the thread that starts processes could not be started")
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "between fork and exec only; both calls are async-signal-safe and allocate nothing"
)]
fn die_with_parent(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    use nix::{
        errno::Errno,
        sys::{prctl::set_pdeathsig, signal::Signal},
        unistd::{getpid, getppid},
    };

    let parent = getpid();
    // Safety: the closure touches nothing but the two system calls.
    unsafe {
        command.pre_exec(move || {
            set_pdeathsig(Signal::SIGKILL)?;
            // The parent may have died before the line above: then no signal comes any more.
            if getppid() == parent { Ok(()) } else { Err(Errno::ESRCH.into()) }
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
