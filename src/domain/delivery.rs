//! A webhook delivery, after its signature was checked.

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// GitHub's id of it; the same again when it is sent again. Letters, digits and hyphens, at most 64.
    pub id: String,
    /// The event's name, from the header: `pull_request`. Lower-case letters and underscores, at most 64.
    pub event: String,
    /// Of the body, JSON, the fields that are ever read.
    pub body: String,
}
