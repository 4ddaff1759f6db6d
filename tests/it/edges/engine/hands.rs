//! Hands that only wait for their builds, and write of them what real ones do: to the log, behind its fences.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use countersign::domain::ending::Ending;
use countersign::domain::event::Event;
use countersign::domain::guidance::Guidance;
use countersign::domain::name::{Digest, InteractionKey, RunId};
use countersign::edge::engine::{Build, Engine, Hands, Left, Next, Placed, Repute};
use countersign::edge::store::{AppendError, Hold, Store, StoreError, Wanted};
use futures_util::future::{BoxFuture, join_all};
use tokio_util::sync::CancellationToken;

/// How often it is looked whether a run is still wanted.
const LOOK: Duration = Duration::from_millis(200);

/// How long a report takes.
const REPORT: Duration = Duration::from_secs(2);

/// The hands of one machine.
pub struct WaitingHands {
    pub store: Store,
    pub engine: OnceLock<Arc<dyn Engine>>,
    /// What happened, a line each, of all machines.
    pub notes: PathBuf,
    pub name: String,
    /// How long one build takes.
    pub takes: Duration,
    pub stop: CancellationToken,
}

impl WaitingHands {
    fn note(&self, what: &str, of: &str) {
        let mut notes = std::fs::File::options()
            .append(true)
            .create(true)
            .open(&self.notes)
            .expect("notes");
        let line = format!("{what} {of} {}\n", self.name);
        notes.write_all(line.as_bytes()).expect("a note");
    }

    fn engine(&self) -> &dyn Engine {
        &**self.engine.get().expect("it is set before it works")
    }

    async fn drive(&self, run: &RunId) -> Result<Next, AppendError> {
        let Some(taken) = self.store.take_up(run).await? else {
            return Ok(Next::Nothing);
        };
        self.note("drives", run.as_str());
        let row = self.store.run(run).await?.expect("its row");
        let repository = row.repo.expect("a repository").to_string();
        let number = row.pull.expect("a number");
        let builds: Vec<Build> = (0..number)
            .map(|n| Build {
                run: run.to_string(),
                interaction: format!("load/b{n}"),
                repository: repository.clone(),
                repute: Repute::Good,
            })
            .collect();
        let mut each: Vec<BoxFuture<'_, Result<(), AppendError>>> = Vec::new();
        for build in &builds {
            each.push(Box::pin(self.one(build, &taken.hold)));
        }
        let mut all = std::pin::pin!(join_all(each));
        let ending = tokio::select! {
            built = &mut all => {
                for one in built {
                    one?;
                }
                Ending::Finished
            }
            () = self.stop.cancelled() => return Ok(Next::After(Duration::ZERO)),
            reason = self.unwanted(run) => {
                let mut called = Vec::new();
                for build in &builds {
                    called.push(self.engine().call_back(build));
                }
                join_all(called).await;
                reason
            }
        };
        self.store
            .append(run, Event::Ended { ending }, Some(&taken.hold))
            .await?;
        self.store.set_done(&taken.hold).await?;
        Ok(Next::Nothing)
    }

    /// Returns when somebody wants it to stop.
    async fn unwanted(&self, run: &RunId) -> Ending {
        loop {
            if let Ok(Wanted::Stopped(reason)) = self.store.wanted(run).await {
                return Ending::stopped(reason);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Has one built, by whoever is to.
    async fn one(&self, build: &Build, hold: &Hold) -> Result<(), AppendError> {
        while !self.is_sealed(build).await? {
            match self.engine().build(build).await {
                Placed::Here(_turn) => return self.carry_out(build, hold).await,
                Placed::Elsewhere => {}
            }
        }
        Ok(())
    }

    async fn is_sealed(&self, build: &Build) -> Result<bool, StoreError> {
        let run: RunId = build.run.parse().expect("an id");
        let events = self.store.events(&run, 0).await?;
        Ok(events.iter().any(|logged| {
            matches!(&logged.event, Event::Sealed { interaction, .. }
                if interaction.to_string() == build.interaction)
        }))
    }

    /// Says that it is begun, waits, and says that it has ended.
    async fn carry_out(&self, build: &Build, hold: &Hold) -> Result<(), AppendError> {
        let run: RunId = build.run.parse().expect("an id");
        let interaction: InteractionKey = build.interaction.parse().expect("a key");
        let of = format!("{run}/{interaction}");
        if self.is_sealed(build).await? {
            return Ok(());
        }
        let begun = Event::AttemptStarted {
            interaction: interaction.clone(),
            attempt: 1,
            guidance: Guidance::default(),
        };
        self.store.append(&run, begun, Some(hold)).await?;
        self.note("begun", &of);
        let _left = Noted(self, "left", &of);
        tokio::time::sleep(self.takes).await;
        let sealed = Event::Sealed {
            interaction,
            attempt: 1,
            dossier: Digest::of(of.as_bytes()),
        };
        self.store.append(&run, sealed, Some(hold)).await?;
        self.note("ended", &of);
        Ok(())
    }
}

/// Noted when it is dropped, however that comes.
struct Noted<'a>(&'a WaitingHands, &'static str, &'a str);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.note(self.1, self.2);
    }
}

#[async_trait]
impl Hands for WaitingHands {
    async fn delivery(&self, _: &str) -> Next {
        Next::Nothing
    }

    async fn place(&self, place: &str) -> Next {
        loop {
            let run = match self.store.next_run(place).await {
                Ok(Some(run)) => run,
                Ok(None) => return Next::Nothing,
                Err(_) => return Next::After(LOOK),
            };
            match self.drive(&run).await {
                Ok(Next::Nothing) => {}
                Ok(later) => return later,
                // Somebody else has it, or the database is away for a moment.
                Err(_) => return Next::After(LOOK),
            }
        }
    }

    async fn tell(&self, place: &str) -> Next {
        // As real ones: until the last run is over and told, and a report takes its time.
        loop {
            let (Ok(next), Ok(untold)) = (
                self.store.next_run(place).await,
                self.store.untold(place).await,
            ) else {
                return Next::After(LOOK);
            };
            if next.is_none() && untold.is_empty() {
                return Next::Nothing;
            }
            tokio::select! {
                () = tokio::time::sleep(REPORT) => {}
                () = self.stop.cancelled() => return Next::After(Duration::ZERO),
            }
            for run in untold {
                // It is told again when this is not noted.
                let _ = self.store.set_told(&run.run, i64::MAX / 2).await;
            }
        }
    }

    async fn build(&self, build: &Build, lost: &CancellationToken) -> Next {
        let run: RunId = build.run.parse().expect("an id");
        let interaction: InteractionKey = build.interaction.parse().expect("a key");
        let hold = match self.store.wanted(&run).await {
            Ok(Wanted::Yes) => self.store.take_up_build(&run, &interaction).await,
            Ok(_) => return Next::Nothing,
            Err(_) => return Next::After(LOOK),
        };
        let hold = match hold {
            Ok(Some(hold)) => hold,
            Ok(None) => return Next::Nothing,
            Err(_) => return Next::After(LOOK),
        };
        tokio::select! {
            built = self.carry_out(build, &hold) => match built {
                Ok(()) | Err(AppendError::Fenced { .. } | AppendError::Over { .. }) => Next::Nothing,
                Err(_) => Next::After(LOOK),
            },
            () = lost.cancelled() => Next::Nothing,
            _ = self.unwanted(&run) => Next::Nothing,
            () = self.stop.cancelled() => Next::After(Duration::ZERO),
        }
    }

    async fn left(&self) -> Left {
        Left {
            deliveries: Vec::new(),
            places: self.store.places_left().await.unwrap_or_default(),
        }
    }
}
