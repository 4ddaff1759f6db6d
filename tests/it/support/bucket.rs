//! A bucket on loopback, behind a real S3 server that takes signed requests only. Its contents are files, so that a test
//! can look at them and touch them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::files;

const NAME: &str = "evidence";
const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// The secret that a bucket takes.
pub const SECRET: &str = "bucket-secret-of-the-tests";

/// The bucket. Everything goes with it.
pub struct Bucket {
    folder: tempfile::TempDir,
    address: SocketAddr,
    server: Option<JoinHandle<()>>,
}

impl Bucket {
    /// An empty one.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(NAME)).expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(serve(service(folder.path()), listener));
        Self {
            folder,
            address,
            server: Some(server),
        }
    }

    /// The server ends, and cuts who is talking to it.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            // It was told to end, so that is how it ended.
            let _ = server.await;
        }
    }

    /// It is there again, where it was.
    pub async fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port");
        self.server = Some(tokio::spawn(serve(service(self.folder.path()), listener)));
    }

    /// What a process of ours needs to know, with everything below `prefix`.
    pub fn env(&self, prefix: &str) -> BTreeMap<String, String> {
        let env = [
            ("COUNTERSIGN_BLOBS", format!("s3://{NAME}/{prefix}")),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ];
        env.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// The file of a content.
    pub fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(NAME).join(path)
    }

    /// Makes everything below a path as old as no blob becomes that nobody names.
    pub fn age(&self, path: &str) {
        files::age(&self.file(path));
    }

    /// The contents below a path, without it.
    pub fn names(&self, path: &str) -> Vec<String> {
        files::below(&self.file(path))
    }
}

fn service(folder: &Path) -> S3Service {
    let mut service = S3ServiceBuilder::new(FileSystem::new(folder).expect("a file system"));
    service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    service.build()
}

async fn serve(service: S3Service, listener: TcpListener) {
    let mut talks = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let service = service.clone();
        talks.spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            // Who hangs up is no fault.
            let _ = builder
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}
