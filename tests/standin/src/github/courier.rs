//! Carries webhooks to their receiver.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::hooks::{Flow, Sent};
use super::locked;
use super::world::World;
use crate::limits;

/// Carries deliveries out one after the other, for as long as the stand-in lives.
pub(super) async fn carry(world: Arc<Mutex<World>>, client: reqwest::Client, wake: Arc<Notify>) {
    loop {
        let Some((id, request)) = next(&world, &client) else {
            wake.notified().await;
            continue;
        };
        let begun = Instant::now();
        let sent = match request {
            Some(request) => send(request).await,
            None => Sent::Failed {
                why: "failed to connect to host".to_owned(),
            },
        };
        let mut world = locked(&world);
        if let Some(delivery) = world.hooks.deliveries.iter_mut().find(|one| one.id == id) {
            delivery.sent = sent;
            delivery.took = begun.elapsed();
        }
    }
}

fn next(
    world: &Mutex<World>,
    client: &reqwest::Client,
) -> Option<(u64, Option<reqwest::RequestBuilder>)> {
    let mut world = locked(world);
    let hooks = &mut world.hooks;
    if hooks.flow == Flow::Held {
        return None;
    }
    let at = hooks
        .deliveries
        .iter()
        .position(|delivery| !delivery.was_sent())?;
    hooks.deliveries[at].on_its_way = true;
    let delivery = &hooks.deliveries[at];
    let request = hooks.url.as_ref().map(|url| {
        hooks
            .headers(delivery)
            .into_iter()
            .fold(client.post(url), |request, (name, text)| {
                request.header(name, text)
            })
            .body(delivery.body.clone())
    });
    Some((delivery.id, request))
}

async fn send(request: reqwest::RequestBuilder) -> Sent {
    let seconds = Duration::from_secs(limits::HOOK_SECONDS);
    let answered = tokio::time::timeout(seconds, async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let mut body = response.text().await?;
        body.truncate(body.floor_char_boundary(1024));
        Ok::<_, reqwest::Error>(Sent::Answered { status, body })
    });
    match answered.await {
        Ok(Ok(sent)) => sent,
        Ok(Err(error)) => Sent::Failed {
            why: error.without_url().to_string(),
        },
        Err(_) => Sent::Failed {
            why: "timed out".to_owned(),
        },
    }
}
