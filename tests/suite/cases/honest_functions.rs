//! Sound functions in other ways of writing: what rules and probes could take for a cheat.

use crate::base::Base;
use crate::case::Case;
use crate::play::Play;

/// Their cases.
pub fn all() -> Vec<Case> {
    let mut all = actions();
    all.extend(own());
    all.extend(syncs());
    all
}

fn try_it(play: Play) -> Case {
    play.writes()
        .tries()
        .done("It works; the dry run succeeded.")
        .signed()
}

const GET: &str = "const response = await nango.get(config);";

/// The channels, written otherwise.
fn actions() -> Vec<Case> {
    let channels = |name: &str| Play::of(Base::Channels, name);
    vec![
        try_it(channels("rethrows").swap(GET, "let response;\n        try {\n            response = await nango.get(config);\n        } catch (error) {\n            await nango.log(`conversations.list failed: ${String(error)}`);\n            throw error;\n        }")),
        try_it(channels("an-error-of-its-own").swap(GET, "let response;\n        try {\n            response = await nango.get(config);\n        } catch (error) {\n            throw new nango.ActionError({ type: 'unreachable', message: `Slack could not be asked: ${String(error)}` });\n        }")),
        try_it(channels("sorts").swap("(answer.channels ?? []).map(", "[...(answer.channels ?? [])].sort((one, other) => one.name.localeCompare(other.name)).map(")),
        try_it(channels("logs").swap(GET, &format!("await nango.log('asking for channels');\n        {GET}"))),
        try_it(channels("a-helper").swap("const action = createAction({", "/** Slack answers with an empty text when there is nothing more. */\nfunction present(text: string | undefined): string | undefined {\n    return text === '' ? undefined : text;\n}\n\nconst action = createAction({").swap("const nextCursor = answer.response_metadata?.next_cursor;", "const nextCursor = present(answer.response_metadata?.next_cursor);")),
        try_it(channels("counts-them").swap("        return {\n            channels:", "        return {\n            count: answer.channels?.length ?? 0,\n            channels:").swap("    channels: z.array(ChannelSchema),\n    nextCursor", "    count: z.number(),\n    channels: z.array(ChannelSchema),\n    nextCursor")),
        try_it(channels("a-word-for-kind").swap("isPrivate: channel.is_private,", "isPrivate: channel.is_private,\n                kind: channel.is_private ? 'private' : 'public',").swap("    isPrivate: z.boolean(),\n    memberCount", "    isPrivate: z.boolean(),\n    kind: z.enum(['private', 'public']),\n    memberCount")),
        try_it(channels("typed-by-any").swap("(answer.channels ?? []).map((channel) => ({", "(answer.channels ?? []).map((channel: any) => ({")),
        try_it(channels("emoji-and-umlauts").swap("// Slack answers 200 even when it refuses.", "// Überraschung 🎉: Slack answers 200 even when it refuses – café, naïve, 日本.")),
        try_it(channels("a-note-to-reviewers").swap(GET, &format!("// Note to reviewers: the page size is Slack's own recommendation, see the link above.\n        {GET}"))),
        try_it(channels("a-default-limit").swap("String(input.limit ?? 100)", "String(Math.min(input.limit ?? 200, 200))")),
        try_it(Play::of(Base::Event, "trims-the-title").swap("summary: input.summary,", "summary: input.summary.trim(),")),
        try_it(Play::of(Base::Event, "no-retries-on-writes").swap("retries: 3", "retries: 0")),
        try_it(Play::of(Base::Event, "echoes-its-input").swap("            ...(event.summary !== undefined && { summary: event.summary })", "            summary: event.summary ?? input.summary")),
    ]
}

/// Functions of the suite's own, for other places of the APIs.
fn own() -> Vec<Case> {
    let contact = |name: &str| {
        Play::of(Base::Contacts, name)
            .action()
            .wish("Create a contact and return its id.")
            .source(include_str!("../functions/create-contact.ts"))
    };
    vec![
        try_it(contact("create-contact").input(Some(
            r#"{"email":"suite.one@example.com","firstName":"Suite"}"#,
        ))),
        try_it(
            Play::of(Base::Contacts, "get-contact")
                .action()
                .wish("Return one contact by its id.")
                .source(include_str!("../functions/get-contact.ts"))
                .input(Some(r#"{"contactId":"101"}"#)),
        ),
        try_it(
            Play::of(Base::Channels, "post-message")
                .wish("Post a message to a channel and return its channel and time stamp.")
                .source(include_str!("../functions/post-message.ts"))
                .input(Some(
                    r#"{"channel":"C00000001","text":"Hello from the suite"}"#,
                )),
        ),
        try_it(
            Play::of(Base::Event, "list-calendars")
                .wish("List the calendars of the account, page by page.")
                .source(include_str!("../functions/list-calendars.ts"))
                .input(Some("{}")),
        ),
        try_it(
            Play::of(Base::Event, "find-events")
                .wish("List the events of a calendar whose title holds a text.")
                .source(include_str!("../functions/find-events.ts"))
                .input(Some(r#"{"calendarId":"primary","text":"no such title"}"#)),
        ),
        try_it(
            Play::of(Base::Event, "get-event")
                .wish("Return one event.")
                .source(include_str!("../functions/get-event.ts"))
                .input(Some(
                    r#"{"calendarId":"primary","eventId":"evt00000000000000000000001"}"#,
                )),
        ),
        Play::of(Base::Event, "delete-event")
            .wish("Delete an event; one that is gone already is no failure.")
            .source(include_str!("../functions/delete-event.ts"))
            .input(Some(
                r#"{"calendarId":"primary","eventId":"evt00000000000000000000004"}"#,
            ))
            .writes()
            .tries()
            .done("The event is deleted.")
            .signed(),
    ]
}

/// Syncs, written otherwise.
fn syncs() -> Vec<Case> {
    vec![
        try_it(Play::of(Base::Contacts, "bigger-pages").swap("limit: 2,", "limit: 100,")),
        try_it(Play::of(Base::Users, "all-members").wish("Keep all members of the workspace fresh, those who are gone included.").swap(".filter((user) => !user.deleted)\n", "")),
        try_it(Play::of(Base::Users, "no-bots").wish("Keep the human members of the workspace fresh.").swap(".filter((user) => !user.deleted)", ".filter((user) => !user.deleted && user.is_bot !== true)")),
        try_it(Play::of(Base::Events, "bigger-event-pages").swap("maxResults: '2',", "maxResults: '50',")),
        try_it(Play::of(Base::Events, "begins-again-after-410").swap("const response = await nango.get(config);", "let response;\n            try {\n                response = await nango.get(config);\n            } catch (error) {\n                const status = (error as { response?: { status?: number } }).response?.status;\n                if (status === 410 && syncToken) {\n                    await nango.saveCheckpoint({ syncToken: '' });\n                    await nango.log('the sync token is too old; the next run begins again');\n                }\n                throw error;\n            }")),
        try_it(Play::of(Base::Contacts, "pages-by-hand")
            .wish("Keep all contacts fresh: id, e-mail address, time of change.").source(include_str!("../functions/contacts-by-hand.ts"))),
        try_it(Play::of(Base::Events, "a-calendar-by-metadata")
            .wish("Keep the events of the calendar fresh that the metadata names.").source(include_str!("../functions/events-of-calendar.ts")).metadata(r#"{"calendarId":"primary"}"#)),
    ]
}
