//! The key of a compile: it asks about sources, and opens nothing of the API.

use std::sync::Arc;
use std::time::Duration;

use countersign::edge::witness::{Aside, Witness, WitnessConfig};
use countersign_standin::nango::NangoStandIn;
use reqwest::Client;

const SECRET: &str = "nango-secret-4711";

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_about_sources_and_reaches_nothing_else() {
    let nango = NangoStandIn::start(SECRET).await.expect("an API");
    let witness = Witness::start(WitnessConfig {
        upstream: nango.url(),
        secret: SECRET.into(),
        patience: Duration::from_secs(10),
        now: Arc::new(|| 0),
        aside: Aside::new(|template, question| async move {
            Some([template.as_bytes(), b": ", &question[..]].concat())
        }),
    })
    .await
    .expect("a witness");
    let client = Client::builder().no_proxy().build().expect("a client");
    let key = witness.compile_key().expect("a key");
    let place = format!("http://127.0.0.1:{}", key.port());
    let name = key.key().to_owned();
    let ask = async || {
        let asked = client.post(format!("{place}/countersign/compile/abc"));
        let answer = asked.bearer_auth(&name).body("sources").send().await;
        let answer = answer.expect("an answer");
        (
            answer.status().as_u16(),
            answer.text().await.expect("a text"),
        )
    };
    assert_eq!(ask().await, (200, "abc: sources".to_owned()));
    for path in [
        "/connection/google-calendar-test?provider_config_key=google-calendar",
        "/proxy/calendar/v3/calendars/primary/events",
        "/countersign/compile/abc",
    ] {
        let asked = client.get(format!("{place}{path}")).bearer_auth(&name);
        let status = asked.send().await.expect("an answer").status();
        assert_eq!(status, 401, "{path}");
    }
    assert_eq!(nango.seen(), [], "nothing was passed on");
    drop(key);
    assert_eq!(ask().await.0, 401, "it is nobody's any more");
}
