//! The other functions at the head that import what the agent changed: each is compiled, tested and probed with the change,
//! and where it fails once more as it was before. All that runs has no network; the test account is asked for nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::limits;
use crate::domain::neighbour::{FailedPart, Neighbour, NeighbourRoom, NeighbourTrial, NotTried};
use crate::domain::probe::{ProbeOutcome, ProbeOutcomes};
use crate::domain::program::{Program, ProgramEnd};
use crate::domain::spec::Spec;
use crate::edge::nango::{RoomFolder, Source};
use crate::os::own_clock::Point;
use crate::os::{files, random};
use crate::rules::ground::neighbours::ToTry;
use crate::rules::probes;
use crate::run::blocking::blocking;
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;
use crate::run::ground::{HeadFunction, TakenModules};
use crate::run::machine::Machine;

use super::prepare::Prepared;

/// Tries them one after the other, as long as there is time. Nothing is left of it on disk.
pub(super) async fn try_all(
    machine: &Machine,
    prepared: &Prepared,
    taken: &TakenModules,
    cancellation: &Cancellation,
) -> Result<Vec<Neighbour>, Fault> {
    let (ground, taken) = (prepared.ground.clone(), taken.clone());
    let found = blocking(move || ground.neighbours(&taken)).await?;
    let bench = Bench {
        machine,
        prepared,
        cancellation,
        until: (prepared.clock).after(Duration::from_secs(limits::NEIGHBOURS_SECONDS)),
    };
    let neighbours = bench.try_each(found).await;
    bench.clear().await?;
    neighbours
}

/// Where they are tried.
struct Bench<'a> {
    machine: &'a Machine,
    prepared: &'a Prepared,
    cancellation: &'a Cancellation,
    until: Point,
}

/// What a function is run on.
struct Replay<'a> {
    recording: &'a [u8],
    test: Vec<u8>,
}

impl Bench<'_> {
    async fn try_each(
        &self,
        found: Vec<(String, Result<ToTry, NotTried>)>,
    ) -> Result<Vec<Neighbour>, Fault> {
        let mut neighbours = Vec::new();
        for (path, to_try) in found {
            let trial = match to_try {
                Err(why) => NeighbourTrial::NotTried { why },
                Ok(_) if self.prepared.clock.is_past(self.until) => NeighbourTrial::NotTried {
                    why: NotTried::NoTime,
                },
                Ok(files) => {
                    let ground = self.prepared.ground.clone();
                    let function = blocking(move || ground.at_head(files)).await??;
                    self.try_one(&function).await?
                }
            };
            self.clear().await?;
            neighbours.push(Neighbour { path, trial });
        }
        Ok(neighbours)
    }

    async fn try_one(&self, function: &HeadFunction) -> Result<NeighbourTrial, Fault> {
        let room = self.lay("with", function, &function.files.with).await?;
        let mut with = NeighbourRoom::untried();
        with.compile = self.compile(&room).await?;
        let mut replay = None;
        if with.compile.passed()
            && let Some(recording) = &function.recording
            && let Some(test) = match &function.test {
                Some(test) => Some(test.clone()),
                None => room.generated_test().map_err(unlaid)?,
            }
        {
            let replay = replay.insert(Replay { recording, test });
            with.tests = self.test(&room, replay).await?;
            if with.tests.passed() {
                with.probes = self.probe(&room, replay).await?;
            }
        }
        let before = match with.failed() {
            None => None,
            Some(part) => Some(self.before(function, &part, replay.as_ref()).await?),
        };
        Ok(NeighbourTrial::Tried {
            recording: function.found,
            with,
            before,
        })
    }

    /// The part that fails, with the modules as they stand at the head.
    async fn before(
        &self,
        function: &HeadFunction,
        part: &FailedPart<'_>,
        replay: Option<&Replay<'_>>,
    ) -> Result<NeighbourRoom, Fault> {
        let room = self.lay("before", function, &function.files.before).await?;
        let mut before = NeighbourRoom::untried();
        match (part, replay) {
            (FailedPart::Compile, _) => before.compile = self.compile(&room).await?,
            (FailedPart::Tests, Some(replay)) => before.tests = self.test(&room, replay).await?,
            (FailedPart::Probes(_), Some(replay)) => {
                before.probes = self.probe(&room, replay).await?;
            }
            // Without a recording nothing but the compiler can have failed.
            (FailedPart::Tests | FailedPart::Probes(_), None) => {}
        }
        Ok(before)
    }

    async fn compile(&self, room: &RoomFolder) -> Result<CleanRoomStep, Fault> {
        let end = self.run(room.compile_it()).await?;
        Ok(end.map_or_else(out_of_time, |end| room.read_compiled(&end)))
    }

    async fn test(&self, room: &RoomFolder, replay: &Replay<'_>) -> Result<CleanRoomStep, Fault> {
        let program = room.replay_it(replay.recording, &replay.test);
        let end = self.run(program.map_err(unlaid)?).await?;
        Ok(end.map_or_else(out_of_time, |end| room.read_replayed(&end)))
    }

    async fn probe(&self, room: &RoomFolder, replay: &Replay<'_>) -> Result<ProbeOutcomes, Fault> {
        let modules = probes::modules();
        let program = room.probe_it(replay.recording, &modules);
        let end = self.run(program.map_err(unlaid)?).await?;
        Ok(match end {
            Some(end) => room.read_probes(&modules, &end),
            None => {
                let unknown = |name: &str| {
                    let why = OUT_OF_TIME.to_owned();
                    (name.to_owned(), ProbeOutcome::Unknown { why })
                };
                let all = modules.probes.iter();
                all.map(|probe| unknown(probe.name)).collect()
            }
        })
    }

    /// Runs a program as long as there is time; nothing when there is none. Waiting for a core takes none.
    async fn run(&self, program: Program) -> Result<Option<ProgramEnd>, Fault> {
        let clock = &self.prepared.clock;
        let running = (self.prepared).run(self.machine, &program, self.cancellation);
        clock.until(self.until, running).await.ok().transpose()
    }

    /// A room for a function of the project, with these modules.
    async fn lay(
        &self,
        name: &str,
        function: &HeadFunction,
        modules: &BTreeMap<String, String>,
    ) -> Result<RoomFolder, Fault> {
        let nonce = random::hex::<24>().map_err(Fault::bug)?;
        let folder = self.prepared.folder.neighbours().join(name);
        let template = self.machine.template.clone();
        let files = &function.files;
        // Nobody asked for it; of a spec, a room that sends nothing uses the name, the kind, and the webhooks that are asked for.
        let spec = Spec {
            key: files.key.clone(),
            kind: files.kind,
            event: None,
            webhook: None,
            ..self.prepared.brief.spec.clone()
        };
        let source = files.source.clone().into_bytes();
        let modules: Vec<Source> = modules
            .iter()
            .map(|(path, text)| Source {
                path: path.clone(),
                bytes: text.clone().into_bytes(),
            })
            .collect();
        blocking(move || RoomFolder::lay(&template, &folder, &spec, &source, &modules, &nonce))
            .await?
            .map_err(unlaid)
    }

    /// Removes the folders of what was tried. What a program that is being ended still keeps goes with the run's folder.
    async fn clear(&self) -> Result<(), Fault> {
        let folder = self.prepared.folder.neighbours();
        let removed = blocking(move || files::remove_all(&folder)).await?;
        if let Err(error) = removed {
            tracing::warn!(%error, "a folder in which a function of the project was tried stays for now");
        }
        Ok(())
    }
}

const OUT_OF_TIME: &str = "there was no time left for it";

fn out_of_time() -> CleanRoomStep {
    CleanRoomStep {
        outcome: Outcome::Broken,
        said: OUT_OF_TIME.to_owned(),
        took_ms: 0,
    }
}

fn unlaid(error: crate::edge::nango::NangoError) -> Fault {
    Fault::passing("lay out a room for a function of the project", error)
}
