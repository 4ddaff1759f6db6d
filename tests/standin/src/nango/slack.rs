//! Slack's Web API, a small part. It answers 200 to almost everything, and says in `ok` whether it did it.

use serde_json::{Value, json};

use super::{Answer, Ask, page};

#[derive(Debug, Default)]
pub(super) struct Slack {
    posted: usize,
    revoked: bool,
}

fn no(error: &str) -> Answer {
    Answer::new(200, json!({ "ok": false, "error": error }))
}

impl Slack {
    pub(super) fn answer(&mut self, ask: &Ask) -> Answer {
        let method = ask.path.trim_matches('/');
        let mut answer = match method {
            "users.list" => listed(ask, "members", &users()),
            "conversations.list" => listed(ask, "channels", &channels(ask)),
            "chat.postMessage" => self.post(ask),
            "auth.test" | "auth.revoke" if self.revoked => no("token_revoked"),
            "auth.test" => Answer::new(
                200,
                json!({ "ok": true, "team": "Story", "team_id": "T00000001", "user": "bot", "user_id": "U0BOT" }),
            ),
            "auth.revoke" => {
                self.revoked = true;
                Answer::new(200, json!({ "ok": true, "revoked": true }))
            }
            "admin.users.list" | "search.messages" => Answer::new(
                200,
                json!({
                    "ok": false,
                    "error": "missing_scope",
                    "needed": if method == "search.messages" { "search:read" } else { "admin.users:read" },
                    "provided": "users:read,users:read.email,channels:read,chat:write",
                }),
            ),
            _ => no("unknown_method"),
        };
        // Slack puts a session cookie on many answers, which must not end up in a recording.
        answer.headers.push((
            "set-cookie",
            "b=canary-session-cookie; path=/; secure; HttpOnly".to_owned(),
        ));
        answer.headers.push((
            "x-slack-req-id",
            "0123456789abcdef0123456789abcdef".to_owned(),
        ));
        answer
    }

    fn post(&mut self, ask: &Ask) -> Answer {
        if ask.method != "POST" {
            return no("invalid_post_type");
        }
        let body = ask.json();
        let (channel, text) = (body["channel"].as_str(), body["text"].as_str());
        let Some(channel) = channels(ask)
            .into_iter()
            .find(|known| known["id"].as_str() == channel)
        else {
            return no("channel_not_found");
        };
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return no("no_text");
        };
        self.posted += 1;
        let ts = format!("1767600000.{:06}", self.posted);
        Answer::new(
            200,
            json!({
                "ok": true,
                "channel": channel["id"],
                "ts": ts,
                "message": { "type": "message", "user": "U0BOT", "ts": ts, "text": text },
            }),
        )
    }
}

fn listed(ask: &Ask, name: &str, all: &[Value]) -> Answer {
    let body = ask.json();
    let param = |name: &str| match ask.param(name) {
        Some(value) => Some(value.to_owned()),
        None => body[name].as_str().map(str::to_owned),
    };
    let size = match param("limit").map(|limit| limit.parse::<usize>()) {
        None => 100,
        Some(Ok(size @ 1..=1000)) => size,
        Some(_) => return no("invalid_limit"),
    };
    let Some((items, next)) = page(all, param("cursor").as_deref(), size) else {
        return no("invalid_cursor");
    };
    let mut answer = json!({ "ok": true });
    answer[name] = items.into();
    answer["response_metadata"] = json!({ "next_cursor": next.unwrap_or_default() });
    Answer::new(200, answer)
}

fn users() -> Vec<Value> {
    ["ada", "grace", "edsger", "barbara", "donald", "old-bot"]
        .into_iter()
        .enumerate()
        .map(|(number, name)| {
            json!({
                "id": format!("U{number:08}"),
                "team_id": "T00000001",
                "name": name,
                "deleted": name == "old-bot",
                "profile": {
                    "real_name": name,
                    "display_name": name,
                    "email": format!("{name}@example.com"),
                },
                "is_admin": number == 0,
                "is_bot": name == "old-bot",
                "updated": 1_767_600_000 + number,
            })
        })
        .collect()
}

fn channels(ask: &Ask) -> Vec<Value> {
    let no_archived = ask.param("exclude_archived") == Some("true");
    ["general", "random", "engineering", "attic"]
        .into_iter()
        .enumerate()
        .filter(|(_, name)| !(no_archived && *name == "attic"))
        .map(|(number, name)| {
            json!({
                "id": format!("C{number:08}"),
                "name": name,
                "is_channel": true,
                "is_private": false,
                "is_archived": name == "attic",
                "is_member": number < 2,
                "num_members": 6 - number,
                "topic": { "value": format!("All about {name}"), "creator": "U00000000", "last_set": 0 },
            })
        })
        .collect()
}
