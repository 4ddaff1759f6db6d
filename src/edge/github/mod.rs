//! GitHub: webhooks in, tokens, and what is posted. The type to look at is [`GitHub`]; what it can do is told file by
//! file, a noun each.

mod app;
mod broker;
mod checks;
mod client;
mod comments;
mod commit;
mod deliveries;
mod error;
mod exchange;
mod graphql;
mod identity;
mod manifest;
mod outdated;
mod pages;
mod payload;
mod people;
mod pulls;
mod redacted;
mod registered;
mod remarks;
mod review_reactions;
mod reviews;
mod signature;
mod text;
mod webhook;
mod webhook_body;
mod whose;
mod write_pace;

pub use app::{GitHub, GitHubConfig};
pub use broker::{Scope, TokenBroker};
pub use client::{check_private_key, is_address};
pub use comments::Comment;
pub use commit::{ApiCommit, ApiCommitted, SeenCommit};
pub use deliveries::SentDelivery;
pub use error::{Again, GitHubError};
pub use identity::Identity;
pub use manifest::{MadeApp, Manifest, ManifestError, made_from};
pub use outdated::QUERIES;
pub use payload::{PayloadError, read};
pub use redacted::{HasWords, Redacted};
pub use signature::{SignatureError, verify};
pub use webhook::{DeliveryRefusal, open};
pub use webhook_body::kept;
pub use whose::{Whose, whose};
