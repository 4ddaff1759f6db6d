//! A port of loopback that stays ours from before a server is started until after it has ended, however often it is
//! started again.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A port that is bound and not listened on.
///
/// Linux gives such a port neither to who asks for any free one nor to outgoing connections, and still lets a listener
/// bind it that sets `SO_REUSEADDR`, as tokio's and the standard library's do (socket(7)). Connecting is refused until
/// one listens.
#[derive(Debug)]
pub struct ReservedPort {
    socket: TcpSocket,
}

impl ReservedPort {
    /// Reserves any free port.
    ///
    /// # Errors
    /// There is none.
    pub fn any() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        Ok(Self { socket })
    }

    /// Its address.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn one_server_after_the_other_gets_it_and_nobody_else() {
        let port = ReservedPort::any().expect("a port");
        let address = port.address().expect("an address");
        for _ in 0..2 {
            assert!(TcpStream::connect(address).await.is_err());
            let server = TcpListener::bind(address).await.expect("it is ours");
            TcpStream::connect(address).await.expect("it answers");
            drop(server);
        }
        let others: Vec<_> = (0..200)
            .map(|_| std::net::TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        assert!(
            others
                .iter()
                .all(|other| other.local_addr().expect("an address") != address)
        );
    }
}
