//! The check run.

use async_trait::async_trait;

use super::surface::{Due, Post, Surface};
use crate::domain::name::Sha;
use crate::report::check_run;
use crate::run::blocking::in_place;
use crate::run::fault::Fault;

/// On the head that the run was for, and on the commit that it made: a required check is asked of every head.
pub struct CheckRuns;

#[async_trait]
impl Surface for CheckRuns {
    async fn tell(&self, post: &Post<'_>) -> Result<(), Fault> {
        let check = in_place(|| check_run::render(post.view, &post.links));
        let check = post.github.redacted(check);
        let text = serde_json::to_vec(&*check).map_err(Fault::bug)?;
        let heads: Vec<&Sha> = match post.view.pushed() {
            Some(pushed) if post.view.ending.is_some() => vec![&post.pull.head, pushed],
            _ => vec![&post.pull.head],
        };
        for head in heads {
            let what = format!("check:{head}");
            let Due::Post { known } = post.due(post.run.as_str(), &what, &text).await? else {
                continue;
            };
            let id = post
                .github
                .ensure_check(&post.place, head, check_run::NAME, &check, known)
                .await
                .map_err(|e| Fault::github("post the check run", e))?;
            post.posted(post.run.as_str(), &what, id, &text).await?;
        }
        Ok(())
    }
}
