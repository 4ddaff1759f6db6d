//! What the engine asks of us: each thing as far as it goes, and then how it goes on.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::edge::engine::{Build, Hands, Left, Next};
use crate::edge::store::StoreError;
use crate::run::elsewhere::Contexts;

use super::{delivery, place, telling};

/// The hands of this process.
pub struct OurHands {
    app: Arc<App>,
    stop: CancellationToken,
    contexts: Contexts,
}

impl OurHands {
    /// Hands that put down what they are at when `stop` says so.
    pub fn new(app: Arc<App>, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            app,
            stop,
            contexts: Contexts::default(),
        })
    }
}

impl OurHands {
    /// Who ends has put down what is left, and another process may go on with it at once.
    fn unless_we_end(&self, next: Next) -> Next {
        match next {
            Next::Nothing if self.stop.is_cancelled() => Next::After(Duration::ZERO),
            next => next,
        }
    }
}

#[async_trait]
impl Hands for OurHands {
    async fn delivery(&self, id: &str) -> Next {
        next(delivery::work_off(&self.app.deps, id).await)
    }

    async fn place(&self, place: &str) -> Next {
        let left = place::work_off(&self.app.deps, place, &self.stop).await;
        self.unless_we_end(next(left))
    }

    async fn tell(&self, place: &str) -> Next {
        let left = telling::keep_told(&self.app, place, &self.stop).await;
        self.unless_we_end(next(left))
    }

    async fn build(&self, build: &Build, lost: &CancellationToken) -> Next {
        let (deps, contexts) = (&self.app.deps, &self.contexts);
        next(super::build::work_off(deps, contexts, build, lost, &self.stop).await)
    }

    async fn left(&self) -> Left {
        let store = &self.app.deps.store;
        let left = async {
            Ok::<_, StoreError>(Left {
                deliveries: store.deliveries_left().await?,
                places: store.places_left().await?,
            })
        };
        left.await.unwrap_or_else(|error| {
            tracing::error!(%error, "what is left to do cannot be read");
            Left::default()
        })
    }
}

/// A database that does not answer is waited for.
fn next(done: Result<Next, StoreError>) -> Next {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "the database cannot be used");
        Next::After(super::DATABASE_PAUSE)
    })
}
