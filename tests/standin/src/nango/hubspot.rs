//! HubSpot's CRM (v3), a small part.

use serde_json::{Value, json};

use super::{Answer, Ask};

const CORRELATION: &str = "00000000-0000-4000-8000-000000000000";

#[derive(Debug)]
pub(super) struct HubSpot {
    contacts: Vec<Value>,
}

impl Default for HubSpot {
    fn default() -> Self {
        let people = [
            ("Ada", "Lovelace"),
            ("Grace", "Hopper"),
            ("Edsger", "Dijkstra"),
            ("Barbara", "Liskov"),
            ("Donald", "Knuth"),
        ];
        let contacts = people
            .iter()
            .enumerate()
            .map(|(number, (first, last))| {
                let email = format!("{}@example.com", first.to_lowercase());
                contact(
                    number + 101,
                    &json!({ "firstname": first, "lastname": last, "email": email }),
                )
            })
            .collect();
        Self { contacts }
    }
}

fn contact(id: usize, given: &Value) -> Value {
    let at = format!("2026-01-{:02}T10:00:00.000Z", id % 28 + 1);
    let mut properties =
        json!({ "createdate": at, "hs_object_id": id.to_string(), "lastmodifieddate": at });
    for name in ["email", "firstname", "lastname", "phone", "company"] {
        properties[name] = given[name].clone();
    }
    json!({
        "id": id.to_string(),
        "properties": properties,
        "createdAt": at,
        "updatedAt": at,
        "archived": false,
    })
}

fn error(status: u16, category: &str, message: &str) -> Answer {
    let body = json!({ "status": "error", "message": message, "correlationId": CORRELATION, "category": category });
    Answer::new(status, body)
}

impl HubSpot {
    pub(super) fn answer(&mut self, ask: &Ask) -> Answer {
        let mut answer = match (ask.method.as_str(), ask.parts().as_slice()) {
            ("GET", ["crm", "v3", "objects", "contacts"]) => self.list(ask),
            ("GET", ["crm", "v3", "objects", "contacts", id]) => self.get(id, ask),
            ("POST", ["crm", "v3", "objects", "contacts"]) => self.create(&ask.json()),
            // The test account's grant has contacts and no more.
            (method, ["crm", "v3", "objects", kind, ..]) => missing_scopes(method, kind),
            _ => error(404, "OBJECT_NOT_FOUND", "Unable to infer object type"),
        };
        answer
            .headers
            .push(("x-hubspot-ratelimit-remaining", "99".to_owned()));
        answer
    }

    fn list(&self, ask: &Ask) -> Answer {
        let limit = match ask.param("limit").map(str::parse::<usize>) {
            None => 10,
            Some(Ok(limit @ 1..=100)) => limit,
            Some(_) => return error(400, "VALIDATION_ERROR", "limit must be between 1 and 100"),
        };
        // `after` is the id of the next contact, as HubSpot has it for small portals.
        let from = match ask.param("after") {
            None => 0,
            Some(after) => match self.contacts.iter().position(|known| known["id"] == after) {
                Some(from) => from,
                None => {
                    return error(
                        400,
                        "VALIDATION_ERROR",
                        "The 'after' paging parameter is not valid",
                    );
                }
            },
        };
        let end = (from + limit).min(self.contacts.len());
        let results: Vec<Value> = self.contacts[from..end]
            .iter()
            .map(|known| shown(known, ask))
            .collect();
        let mut body = json!({ "results": results });
        if let Some(next) = self.contacts.get(end) {
            let after = next["id"].clone();
            let link = format!(
                "https://api.hubapi.com/crm/v3/objects/contacts?limit={limit}&after={}",
                after.as_str().unwrap_or_default()
            );
            body["paging"] = json!({ "next": { "after": after, "link": link } });
        }
        Answer::new(200, body)
    }

    fn get(&self, id: &str, ask: &Ask) -> Answer {
        match self.contacts.iter().find(|known| known["id"] == id) {
            Some(found) => Answer::new(200, shown(found, ask)),
            None => error(404, "OBJECT_NOT_FOUND", "resource not found"),
        }
    }

    fn create(&mut self, body: &Value) -> Answer {
        let given = &body["properties"];
        if !given.is_object() {
            return error(
                400,
                "VALIDATION_ERROR",
                "Invalid input JSON: required field 'properties' is missing",
            );
        }
        let email = given["email"].as_str();
        if email.is_some_and(|email| !email.contains('@')) {
            return error(
                400,
                "VALIDATION_ERROR",
                "Property values were not valid: Email address is invalid",
            );
        }
        let twin = self
            .contacts
            .iter()
            .find(|known| email.is_some() && known["properties"]["email"].as_str() == email);
        if let Some(twin) = twin {
            let id = twin["id"].as_str().unwrap_or_default();
            return error(
                409,
                "CONFLICT",
                &format!("Contact already exists. Existing ID: {id}"),
            );
        }
        let made = contact(self.contacts.len() + 101, given);
        self.contacts.push(made.clone());
        Answer::new(201, made)
    }
}

/// Only what was asked for: three properties always, the usual ones by default.
fn shown(contact: &Value, ask: &Ask) -> Value {
    let asked = ask
        .param("properties")
        .unwrap_or("email,firstname,lastname");
    let mut shown = contact.clone();
    if let Some(properties) = shown["properties"].as_object_mut() {
        properties.retain(|name, _| {
            let always = ["createdate", "hs_object_id", "lastmodifieddate"];
            always.contains(&name.as_str()) || asked.split(',').any(|wanted| wanted == name)
        });
    }
    shown
}

fn missing_scopes(method: &str, kind: &str) -> Answer {
    let right = if method == "GET" { "read" } else { "write" };
    let mut answer = error(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call.",
    );
    answer.body["errors"] = json!([{
        "message": "One or more of the following scopes are required.",
        "context": { "requiredGranularScopes": [format!("crm.objects.{kind}.{right}")] },
    }]);
    answer
}
