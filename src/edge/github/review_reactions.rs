//! Reactions to reviews, which only GitHub's other API knows.

use serde::de::IgnoredAny;
use serde_json::json;

use crate::domain::place::RepoRef;
use crate::domain::post::Reaction;

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;

pub(super) const REACT: &str = "\
mutation($id: ID!, $content: ReactionContent!) {
  addReaction(input: { subjectId: $id, content: $content }) { clientMutationId }
}";

impl GitHub {
    pub(super) async fn react_to_review(
        &self,
        at: &RepoRef,
        review: &str,
        reaction: Reaction,
    ) -> Result<(), GitHubError> {
        let content = match reaction {
            Reaction::Eyes => "EYES",
            Reaction::Confused => "CONFUSED",
        };
        let variables = json!({ "id": review, "content": content });
        let _: IgnoredAny = self.mutate(at, Scope::Report, REACT, &variables).await?;
        Ok(())
    }
}
