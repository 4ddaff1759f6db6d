//! In which order builds are begun, where more are asked for than work at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::name::InteractionKey;
use crate::domain::plan::Step;

/// The longest first, so that none is left over at the end for which all others have to be waited for. `took` is how many
/// milliseconds each took before; one of which nothing is known counts as those of which something is, on average. Else the order
/// stays as it is.
pub fn longest_first<'a>(steps: &'a [Step], took: &BTreeMap<InteractionKey, u64>) -> Vec<&'a Step> {
    let known = steps.iter().filter_map(|step| took.get(step.key()));
    let (count, sum) = known.fold((0, 0), |(count, sum), took| (count + 1, sum + took));
    let usual = sum / u64::max(count, 1);
    let mut ordered: Vec<&Step> = steps.iter().collect();
    ordered.sort_by_key(|step| Reverse(*took.get(step.key()).unwrap_or(&usual)));
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Placed;
    use crate::domain::spec::Kind;

    fn ordered(took: &[(&str, u64)]) -> Vec<String> {
        let key = |key: &str| key.parse::<InteractionKey>().expect("a key");
        let steps = ["acme/a", "acme/b", "acme/c", "acme/d"].map(|name| {
            Step::Remove(Placed {
                key: key(name),
                kind: Kind::Action,
                project: None,
            })
        });
        let took = took.iter().map(|(name, took)| (key(name), *took)).collect();
        let ordered = longest_first(&steps, &took);
        ordered.iter().map(|step| step.key().to_string()).collect()
    }

    #[test]
    fn what_took_longest_begins_first_and_the_unknown_stand_in_the_middle() {
        assert_eq!(ordered(&[]), ["acme/a", "acme/b", "acme/c", "acme/d"]);
        let took = [("acme/a", 1_000), ("acme/d", 90_000), ("acme/gone", 1)];
        assert_eq!(ordered(&took), ["acme/d", "acme/b", "acme/c", "acme/a"]);
    }
}
