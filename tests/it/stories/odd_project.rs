//! Projects that are odd in a point where a commit touches them: an index that is a link, a test that ends all others.

use countersign::domain::event::Settlement;
use countersign::domain::failure::Stage;
use countersign_standin::names::Sha;

use crate::support::story::{Story, changes, honest, pushed, spec, states};

const KEY: &str = "slack/list-channels";
const INDEX: &str = "nango-integrations/index.ts";
const FUNCTION: &str = "nango-integrations/slack/actions/list-channels.ts";

/// Puts a symbolic link at `path` of a branch, which the API of files does not do.
fn link(story: &Story, branch: &str, path: &str, target: &str) {
    let dir = story
        .github
        .git_dir(&story.repo)
        .expect("the repository on disk");
    let git = git2::Repository::open_bare(dir).expect("a repository");
    let tip = git.refname_to_id(&format!("refs/heads/{branch}"));
    let tip = git.find_commit(tip.expect("the branch")).expect("its tip");
    let before = tip.tree().expect("a tree");
    let blob = git.blob(target.as_bytes()).expect("a blob");
    let mut update = git2::build::TreeUpdateBuilder::new();
    update.upsert(path, blob, git2::FileMode::Link);
    let tree = update.create_updated(&git, &before).expect("another tree");
    let tree = git.find_tree(tree).expect("it");
    let ada = git2::Signature::now("ada", "ada@users.example").expect("a name");
    let made = git.commit(None, &ada, &ada, "A link.", &tree, &[&tip]);
    let made: Sha = (made.expect("a commit").to_string())
        .parse()
        .expect("its name");
    story
        .github
        .force_push(&story.repo, branch, &made, "ada")
        .expect("a push");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_a_link_is_neither_followed_nor_replaced() {
    let other = ("nango-integrations/functions.ts", Some("export {};\n"));
    let story = Story::begin(vec![honest(KEY, "action", Some("{}"))], &[other]).await;
    story.push("linked", &changes(&spec(KEY, "action", "input: {}\n")));
    link(&story, "linked", INDEX, "functions.ts");
    let number = story.open("linked");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{KEY} countersigned")]);
    let Some(Settlement::WholeFailed { findings }) = &view.settlement else {
        panic!("{:?}", view.settlement);
    };
    let told = &findings[0].sentence;
    for words in [INDEX, "link", "make it a regular file"] {
        assert!(told.contains(words), "{told}");
    }
    let sticky = story.sticky(number);
    assert!(sticky.contains("make it a regular file"), "{sticky}");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_tests_together_bring_no_report_ours_are_run_alone() {
    let ends = "import { it } from 'vitest';\n\nit('ends all others', () => {\n    \
                process.kill(process.ppid, 'SIGKILL');\n});\n";
    let at = "nango-integrations/github/tests/ends.test.ts";
    let agents = vec![honest(KEY, "action", Some("{}"))];
    let story = Story::begin(agents, &[(at, Some(ends))]).await;
    story.push("alone", &changes(&spec(KEY, "action", "input: {}\n")));
    let number = story.open("alone");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{KEY} countersigned")]);
    assert!(story.file(&pushed(&view), FUNCTION).is_some());
    let before = view.all_before();
    let told: Vec<_> = before.failing.iter().collect();
    let [only] = told.as_slice() else {
        panic!("{told:#?}")
    };
    assert_eq!((only.stage, only.what.as_str()), (Stage::Program, "tests"));
    let sticky = story.sticky(number);
    assert!(sticky.contains("Was failing before: 1"), "{sticky}");
    story.end();
}
