//! Evidence that is not needed any more goes: seals first, then the blobs that nobody names, so that whoever is killed in
//! the middle leaves no dossier without its contents.

use std::collections::BTreeSet;

use super::dossiers::{self, DossierError, Dossiers};
use super::objects::Listed;
use super::store;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::retention::{Effect, Named, Pruned};
use crate::os::clock::{Clock as _, SystemClock};

/// Seals that are read at once, to see what they name.
const SEALS: usize = 64;

impl Dossiers {
    /// Takes away the dossiers that `named` has among what goes, and then every blob that no dossier that is still there
    /// names, nor anything else that stays. Dossiers that `named` does not know at all are another's, and stay. A blob
    /// that is younger than [`limits::UNNAMED_BLOB_MS`] stays for now: somebody may be about to name it.
    ///
    /// # Errors
    /// When evidence cannot be listed, read or taken away. What is left then goes next time.
    pub fn prune(&self, named: &Named, effect: Effect) -> Result<Pruned, DossierError> {
        let old_ms = SystemClock.now_ms() - limits::UNNAMED_BLOB_MS;
        let objects = self.objects();
        let seals = objects.list(dossiers::FOLDER)?;
        let (going, staying): (Vec<Listed>, Vec<Listed>) = seals.into_iter().partition(|seal| {
            let id = dossiers::id_of(&seal.path);
            id.is_some_and(|id| named.going.contains(&id) && !named.staying.contains(&id))
        });
        let kept = self.named_by(&staying)?;
        if effect == Effect::Take {
            objects.delete(paths(&going))?;
        }
        let mut blobs = objects.list(store::FOLDER)?;
        blobs.retain(|blob| {
            let digest = store::digest_of(&blob.path);
            let is_named = |digest| kept.contains(&digest) || named.staying.contains(&digest);
            // What has no digest for a name is not ours.
            blob.written_ms < old_ms && digest.is_some_and(|digest| !is_named(digest))
        });
        if effect == Effect::Take {
            objects.delete(paths(&blobs))?;
        }
        Ok(Pruned {
            dossiers: going.len() as u64,
            blobs: blobs.len() as u64,
            bytes: going.iter().chain(&blobs).map(|one| one.bytes).sum(),
        })
    }

    /// Everything that these seals name. They are not taken apart: a newer version's may have another form, and names its
    /// contents all the same.
    fn named_by(&self, seals: &[Listed]) -> Result<BTreeSet<Digest>, DossierError> {
        let mut named = BTreeSet::new();
        for some in seals.chunks(SEALS) {
            let found = self.objects().get_all(paths(some), limits::SEAL_BYTES)?;
            for seal in found.into_iter().flatten() {
                let text = String::from_utf8_lossy(&seal.content);
                named.extend(Digest::named_in(&text));
            }
        }
        Ok(named)
    }
}

fn paths(listed: &[Listed]) -> Vec<String> {
    listed.iter().map(|one| one.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, FileTimes};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::*;

    /// Makes everything in the folder older than any unnamed blob may become.
    fn age(folder: &Path) {
        let old = SystemTime::now() - Duration::from_millis(2 * limits::UNNAMED_BLOB_MS as u64);
        for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
            if entry.file_type().is_file() {
                let file = File::options().write(true).open(entry.path());
                let times = FileTimes::new().set_modified(old);
                file.and_then(|file| file.set_times(times))
                    .expect("turned back");
            }
        }
    }

    /// A seal that names these contents; which other form it has does not matter here.
    fn seal(state: &Path, blobs: &[&Digest]) -> Digest {
        let names: Vec<&str> = blobs.iter().map(|digest| digest.as_str()).collect();
        let text = serde_json::json!({ "version": 99, "contents": names }).to_string();
        let id = Digest::of(text.as_bytes());
        fs::write(state.join(format!("dossiers/{id}.json")), text).expect("written");
        id
    }

    #[test]
    fn what_nobody_needs_goes_and_everything_else_stays() {
        let state = tempfile::tempdir().expect("a folder");
        let dossiers = Dossiers::open(state.path()).expect("opened");
        let put = |text: &str| dossiers.blobs().put(text.as_bytes()).expect("kept");
        let [shared, own, patch, survey, theirs] =
            ["shared", "own", "patch", "survey", "theirs"].map(put);
        let old = seal(state.path(), &[&shared, &own]);
        let both = seal(state.path(), &[&own, &patch]);
        let young = seal(state.path(), &[&shared]);
        let foreign = seal(state.path(), &[&theirs, &shared]);
        fs::write(state.path().join("blobs/README"), "a person's").expect("written");
        fs::write(state.path().join("dossiers/notes.json"), "{}").expect("written");
        age(state.path());
        let fresh = put("fresh");
        let named = Named {
            going: [&old, &both, &patch].map(Digest::clone).into(),
            staying: [&both, &young, &survey].map(Digest::clone).into(),
        };
        let shown = dossiers.prune(&named, Effect::Show).expect("looked");
        let counted = (shown.dossiers, shown.blobs);
        assert_eq!(counted, (1, 0), "what stays in one place stays");
        assert!(dossiers.blobs().get(&own).is_ok(), "nothing was done");

        let named = Named {
            going: [&old, &both].map(Digest::clone).into(),
            staying: [&young, &survey].map(Digest::clone).into(),
        };
        let shown = dossiers.prune(&named, Effect::Show).expect("looked");
        let taken = dossiers.prune(&named, Effect::Take).expect("taken");
        assert_eq!((taken.dossiers, taken.blobs), (2, 2));
        assert_eq!(taken, shown, "what was shown is what went");
        for gone in [&own, &patch] {
            assert!(dossiers.blobs().get(gone).is_err(), "{gone}");
        }
        for stays in [&shared, &survey, &theirs, &fresh] {
            assert!(dossiers.blobs().get(stays).is_ok(), "{stays}");
        }
        for (id, is_there) in [
            (&old, false),
            (&both, false),
            (&young, true),
            (&foreign, true),
        ] {
            let path = state.path().join(format!("dossiers/{id}.json"));
            assert_eq!(path.exists(), is_there, "{id}");
        }
        for theirs in ["blobs/README", "dossiers/notes.json"] {
            assert!(state.path().join(theirs).exists(), "{theirs}");
        }
        let again = dossiers.prune(&named, Effect::Take).expect("nothing to do");
        assert_eq!(again, Pruned::default());
    }
}
