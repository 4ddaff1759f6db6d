//! The one port. The program's network has nothing but its own loopback; a listener in there was handed out to us, and
//! every connection to it is carried on to the same port of the real loopback.

use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::domain::limits;

/// Carries connections until this process ends.
pub fn start(listener: TcpListener, port: u16) {
    thread::spawn(move || {
        let open = Arc::new(AtomicUsize::new(0));
        for inner in listener.incoming().flatten() {
            if open.fetch_add(1, Ordering::SeqCst) >= limits::RELAY_CONNECTIONS {
                open.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let open = Arc::clone(&open);
            thread::spawn(move || {
                // A connection that fails is closed: the program sees what it would see without us.
                let _ = carry(inner, port);
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
}

fn carry(inner: TcpStream, port: u16) -> io::Result<()> {
    let outer = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    inner.set_nodelay(true)?;
    outer.set_nodelay(true)?;
    let (inner_read, outer_write) = (inner.try_clone()?, outer.try_clone()?);
    let out = thread::spawn(move || pass(&inner_read, &outer_write));
    pass(&outer, &inner);
    let _ = out.join();
    Ok(())
}

fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
