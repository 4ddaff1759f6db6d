//! The demo's page of a pull request in a real browser: with nothing but a keyboard, without JavaScript, and on a phone.

use axum::response::{Html, IntoResponse as _};
use countersign::cli::demo::pull_page;

use crate::support::browser::dumped;
use crate::support::listener::Listener;
use crate::support::story::Story;

/// Opens the page 400 pixels wide in a frame that runs no script, goes through it as the Tab key does, and writes down what it finds.
const FRAME: &str = r#"<!doctype html><body><iframe sandbox="allow-same-origin" src="/pull" width="400" height="800" style="border:0"></iframe>
<pre id="facts"></pre><script>
document.querySelector('iframe').onload = event => {
  const page = event.target.contentDocument, root = page.documentElement;
  const folded = [...page.querySelectorAll('details')];
  const reached = folded.filter(one => { const summary = one.querySelector('summary'); summary.focus(); return page.activeElement === summary; });
  const before = folded.map(one => one.open);
  reached.forEach(one => one.querySelector('summary').click());
  document.querySelector('#facts').textContent = [
    'folded=' + (folded.length > 0),
    'reached=' + (reached.length === folded.length),
    'moved=' + folded.every((one, at) => one.open !== before[at]),
    'shown=' + ['conection', 'interactions/slack/users.yaml', 'Checks', 'Files changed'].every(words => page.body.innerText.includes(words)),
    'foreign=' + page.querySelectorAll('script, img, link, iframe, [onclick]').length,
    'wider=' + (root.scrollWidth > root.clientWidth),
  ].join('\n');
};
</script></body>"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_page_needs_no_script_and_no_mouse() {
    let story = Story::begin(Vec::new(), &[]).await;
    let broken = "kind: sync\ndescription: Keep it fresh. <script>document.title='taken'</script>\nconection: slack-test\n";
    story.push("specs", &[("interactions/slack/users.yaml", Some(broken))]);
    let number = story.open("specs");
    story.views(number, 1).await;
    let html = pull_page::render(&story, &story.repo, number).expect("the page");
    let server = Listener::start(move |asked| match asked.path.as_str() {
        "/pull" => Html(html.clone()).into_response(),
        "/frame" => Html(FRAME).into_response(),
        _ => axum::http::StatusCode::NOT_FOUND.into_response(),
    })
    .await;

    let dom = dumped(
        &format!("{}/frame", server.url),
        "--virtual-time-budget=10000",
    )
    .await;
    let facts = dom
        .split_once("<pre id=\"facts\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"));
    assert_eq!(
        facts.expect("facts").0.lines().collect::<Vec<_>>(),
        [
            "folded=true",
            "reached=true",
            "moved=true",
            "shown=true",
            "foreign=0",
            "wider=false"
        ]
    );
    story.end();
}
