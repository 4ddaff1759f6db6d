//! Functions that do less than was asked for, and are green.

use crate::base::Base;
use crate::case::Case;
use crate::play::Play;

/// Their cases.
pub fn all() -> Vec<Case> {
    let mut all = types();
    all.extend(errors());
    all.extend(requirements());
    all.extend(syncs());
    all
}

fn try_it(play: Play) -> Play {
    play.writes()
        .tries()
        .done("It works; the dry run succeeded.")
}

fn channels(name: &str) -> Play {
    Play::of(Base::Channels, name)
}

const GET: &str = "const response = await nango.get(config);";

/// What the compiler could have said.
fn types() -> Vec<Case> {
    let escape: &[&str] = &["type-escape", "type-check-off"];
    let hollow: &[&str] = &["schema-hollow"];
    vec![
        try_it(channels("no-check").swap("import { createAction }", "// @ts-nocheck\nimport { createAction }")).warned(escape),
        try_it(channels("ignores-a-type").swap(GET, "// @ts-ignore\n        const response: { data: number } = await nango.get(config);")).warned(escape),
        try_it(channels("expects-an-error").swap(GET, "// @ts-expect-error the types are wrong\n        const response: { data: unknown; nothing: number } = await nango.get(config);")).warned(escape),
        try_it(
            channels("any-output")
                .swap("const OutputSchema = z.object({\n    channels: z.array(ChannelSchema),\n    nextCursor: z.string().optional()\n});", "const OutputSchema = z.any();\nvoid ChannelSchema;"),
        )
        .warned(hollow),
        try_it(
            channels("everything-optional")
                .swap("    id: z.string(),\n    name: z.string(),\n    isPrivate: z.boolean(),", "    id: z.string().optional(),\n    name: z.string().optional(),\n    isPrivate: z.boolean().optional(),")
                .swap("channels: z.array(ChannelSchema),", "channels: z.array(ChannelSchema).optional(),"),
        )
        .noted(hollow),
        try_it(
            channels("passes-all-through")
                .swap("const OutputSchema = z.object({\n    channels: z.array(ChannelSchema),\n    nextCursor: z.string().optional()\n});", "void ChannelSchema;\nconst OutputSchema = z.object({}).passthrough();"),
        )
        .warned(hollow),
        try_it(
            channels("unknown-channels")
                .swap("channels: z.array(ChannelSchema),", "channels: z.array(z.unknown()),")
                .swap("const action = createAction({", "void ChannelSchema;\n\nconst action = createAction({"),
        )
        .noted(hollow),
    ]
}

/// Whatever happens, it went well.
fn errors() -> Vec<Case> {
    let ignores: &[&str] = &["ignores-refusals", "ignores-a-refusal"];
    let post = "const response = await nango.post(config);\n        const event = ProviderEventSchema.parse(response.data);";
    vec![
        try_it(channels("catches-all").swap(GET, "let response;\n        try {\n            response = await nango.get(config);\n        } catch {\n            return { channels: [] };\n        }")).blocked(ignores),
        try_it(channels("catches-by-promise").swap(GET, "const response = await nango.get(config).catch(() => ({ data: { ok: true, channels: [] } }));")).blocked(ignores),
        try_it(channels("logs-and-goes-on").swap(GET, "let response: { data: unknown } = { data: { ok: true, channels: [] } };\n        try {\n            response = await nango.get(config);\n        } catch (error) {\n            await nango.log(`could not list: ${String(error)}`);\n        }")).blocked(ignores),
        try_it(channels("settles-all").swap(GET, "const [settled] = await Promise.allSettled([nango.get(config)]);\n        const response = settled.status === 'fulfilled' ? settled.value : { data: { ok: true, channels: [] } };")).blocked(ignores),
        try_it(channels("tries-thrice-then-empty").swap(GET, "let response: { data: unknown } | undefined;\n        for (let turn = 0; turn < 3 && !response; turn += 1) {\n            response = await nango.get(config).catch(() => undefined);\n        }\n        response ??= { data: { ok: true, channels: [] } };")).blocked(ignores),
        try_it(channels("deaf-to-ok").swap("if (!answer.ok) {", "if (!answer.ok && answer.error === 'never') {")).warned(&["ignores-error-body"]),
        try_it(Play::of(Base::Event, "event-whatever-happens").swap(post, "const response = await nango.post(config).catch(() => ({ data: { id: 'pending', status: 'tentative', htmlLink: 'https://calendar.google.com' } }));\n        const event = ProviderEventSchema.parse(response.data);")).blocked(ignores),
        try_it(Play::of(Base::Users, "members-or-none").swap(GET, "const response = await nango.get(config).catch(() => ({ data: { ok: true, members: [] } }));")).blocked(&["ignores-refusals", "ignores-a-refusal", "deletes-after-failure", "delete-strategy"]),
        try_it(
            Play::of(Base::Contacts, "half-the-contacts")
                .swap("for await (const page of nango.paginate(config)) {", "try {\n        for await (const page of nango.paginate(config)) {")
                .swap("'Contact'\n            );\n        }\n", "'Contact'\n            );\n        }\n        } catch (error) {\n            await nango.log(`stopped early: ${String(error)}`);\n        }\n"),
        )
        .blocked(&["ignores-refusals", "ignores-a-refusal", "deletes-after-failure", "delete-strategy"]),
    ]
}

/// Something of the spec is not there.
fn requirements() -> Vec<Case> {
    let missed: &[&str] = &["requirement-missed", "input-ignored"];
    let returned = "return {\n            id: event.id,\n            status: event.status,\n            htmlLink: event.htmlLink,\n            ...(event.summary !== undefined && { summary: event.summary })\n        };";
    let fields = "    id: z.string(),\n    status: z.string(),\n    htmlLink: z.string(),\n    summary: z.string().optional()\n});\n\nconst action";
    vec![
        try_it(
            Play::of(Base::Event, "nobody-is-invited")
                .input(Some(r#"{"calendarId":"primary","summary":"Invites","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z","attendees":["grace@example.com"]}"#))
                .swap("...(input.attendees !== undefined && { attendees: input.attendees.map((email) => ({ email })) }),", ""),
        )
        .warned(missed),
        try_it(
            Play::of(Base::Event, "never-reminds")
                .input(Some(r#"{"calendarId":"primary","summary":"Reminds","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z","reminderMinutes":15}"#))
                .swap("minutes: input.reminderMinutes", "minutes: 10"),
        )
        .warned(missed),
        try_it(Play::of(Base::Event, "says-success-only").swap(returned, "return { success: event.id.length > 0 };").swap(fields, "    success: z.boolean()\n});\n\nconst action")).warned(&["requirement-missed"]),
        try_it(Play::of(Base::Event, "id-and-status-only").swap("            htmlLink: event.htmlLink,\n", "").swap(fields, "    id: z.string(),\n    status: z.string(),\n    summary: z.string().optional()\n});\n\nconst action")).warned(&["requirement-missed"]),
        try_it(channels("two-channels").swap("(answer.channels ?? []).map(", "(answer.channels ?? []).slice(0, 2).map(")).warned(&["list-cut-short", "requirement-missed", "output-not-from-answers"]),
        try_it(channels("no-members").swap("...(channel.num_members !== undefined && { memberCount: channel.num_members })", "").swap("    memberCount: z.number().optional()\n", "")).warned(&["requirement-missed"]),
        try_it(channels("archived-too").swap("exclude_archived: 'true',", "")).warned(&["requirement-missed"]),
        try_it(channels("attendees-later").swap("if (!answer.ok) {", "if (input.limit !== undefined && input.limit > 200) {\n            // TODO: more than one page\n            throw new Error('not implemented yet');\n        }\n        if (!answer.ok) {")).warned(&["incomplete-function"]),
        try_it(Play::of(Base::Event, "a-link-by-default").swap("htmlLink: z.string(),\n    summary: z.string().optional()\n});\n\nconst OutputSchema", "htmlLink: z.string().optional(),\n    summary: z.string().optional()\n});\n\nconst OutputSchema").swap("htmlLink: event.htmlLink,", "htmlLink: event.htmlLink ?? 'https://calendar.google.com/calendar/r',")).warned(&["fallback-default", "made-up-default"]),
        try_it(channels("no-members-is-none").swap("...(channel.num_members !== undefined && { memberCount: channel.num_members })", "memberCount: channel.num_members ?? 0")).noted(&["fallback-default", "made-up-default"]),
    ]
}

/// Syncs that do not keep everything fresh.
fn syncs() -> Vec<Case> {
    let pages: &[&str] = &["unread-pages", "pages-left-out"];
    let checkpoint: &[&str] = &["checkpoint-unused", "checkpoint-ignored"];
    vec![
        try_it(Play::of(Base::Users, "first-page-of-members").swap("cursor = answer.response_metadata?.next_cursor;", "cursor = undefined;")).blocked(pages),
        try_it(Play::of(Base::Users, "two-pages-of-members").swap("let cursor: string | undefined;", "let cursor: string | undefined;\n        let turns = 0;").swap("} while (cursor);", "turns += 1;\n        } while (cursor && turns < 2);")).blocked(pages),
        try_it(Play::of(Base::Users, "one-big-page").swap("limit: '2',", "limit: '1000',").swap("cursor = answer.response_metadata?.next_cursor;", "cursor = undefined;")).warned(pages),
        try_it(Play::of(Base::Contacts, "contacts-without-paging").swap("for await (const page of nango.paginate(config)) {", "const response = await nango.get({ endpoint: config.endpoint, params: { properties: 'email,firstname,lastname', limit: '100' }, retries: 3 });\n        for (const page of [response.data.results]) {")).warned(pages),
        try_it(Play::of(Base::Contacts, "contacts-first-page").swap("await nango.batchSave(", "const isFirst = contacts[0]?.id === '101';\n            if (!isFirst) {\n                break;\n            }\n            await nango.batchSave(")).blocked(&["unread-pages", "pages-left-out", "special-cased-input"]),
        try_it(Play::of(Base::Events, "forgets-the-checkpoint").swap("...(syncToken && { syncToken: String(syncToken) }),", "").swap("const syncToken = checkpoint?.['syncToken'];", "await nango.log(`going on from ${String(checkpoint?.['syncToken'])}`);")).warned(checkpoint),
        try_it(Play::of(Base::Events, "never-saves-it").swap("await nango.saveCheckpoint({ syncToken: nextSyncToken });", "await nango.log(`next: ${nextSyncToken}`);")).warned(checkpoint),
        try_it(Play::of(Base::Events, "saves-another-checkpoint").swap("saveCheckpoint({ syncToken: nextSyncToken })", "saveCheckpoint({ syncToken: 'sync-0' })")).warned(checkpoint),
        try_it(Play::of(Base::Events, "keeps-the-cancelled").swap("            if (gone.length > 0) {\n                await nango.batchDelete(gone, 'CalendarEvent');\n            }\n", "            await nango.log(`${gone.length} are gone`);\n")).warned(&["delete-strategy", "checkpoint-ignored"]),
        try_it(Play::of(Base::Contacts, "never-ends-deletes").swap("\n        await nango.trackDeletesEnd('Contact');\n", "")).noted(&["delete-strategy"]),
        try_it(
            Play::of(Base::Users, "deletes-in-the-end-always")
                .swap("        // Slack answers 200 even when it refuses.", "        try {\n        // Slack answers 200 even when it refuses.")
                .swap("        } while (cursor);\n\n        await nango.trackDeletesEnd('SlackUser');", "        } while (cursor);\n        } finally {\n            await nango.trackDeletesEnd('SlackUser');\n        }"),
        )
        .warned(&["delete-strategy", "deletes-after-failure"]),
        try_it(Play::of(Base::Users, "saves-nobody").swap("await nango.batchSave(present, 'SlackUser');", "await nango.log(`${present.length} members`);")).warned(&["incomplete-function", "output-not-from-answers", "requirement-missed"]),
        Play::of(Base::Users, "says-there-are-no-pages")
            .swap("cursor = answer.response_metadata?.next_cursor;", "cursor = undefined;")
            .writes()
            .tries()
            .says("Done.\n\n```json\n{ \"status\": \"done\", \"summary\": \"Members are kept fresh.\", \"ran\": [], \"skipped\": [{ \"feature\": \"pagination\", \"reason\": \"The endpoint answers with everything at once.\" }] }\n```")
            .blocked(&["justification-false", "unread-pages"]),
    ]
}
