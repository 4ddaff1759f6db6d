//! What the demo's repository holds, and what its pull request changes.

/// What the repository has on its base branch: a Nango project with a function, a helper, and the function's spec.
pub const BEFORE: [(&str, &str); 7] = [
    ("README.md", "# Product\n"),
    (
        "nango-integrations/package.json",
        "{\n  \"name\": \"nango-integrations\",\n  \"private\": true,\n  \"type\": \"module\"\n}\n",
    ),
    (
        "nango-integrations/index.ts",
        "import './slack/actions/browse-channels.js';\n",
    ),
    (
        "nango-integrations/slack/actions/browse-channels.ts",
        include_str!("project/browse-channels.ts"),
    ),
    (
        "nango-integrations/slack/helpers/answers.ts",
        include_str!("project/answers.ts"),
    ),
    (
        "interactions/slack/integration.yaml",
        "connection: slack-test\n",
    ),
    (
        "interactions/slack/browse-channels.yaml",
        "kind: action
description: Browse the public channels of the workspace.
docs:
  - https://api.slack.com/methods/conversations.list
input: {}
",
    ),
];

/// The files of the pull request.
pub const SPECS: [(&str, &str); 6] = [
    (
        "interactions/google-calendar/integration.yaml",
        "connection: google-calendar-test\ndocs_hosts: [developers.google.com]\n",
    ),
    (
        "interactions/google-calendar/create-event.yaml",
        "kind: action
description: Create a calendar event with attendees and a reminder.
docs:
  - https://developers.google.com/calendar/api/v3/reference/events/insert
input:
  calendarId: primary
  summary: Countersign demo event
  start: '2026-02-01T09:00:00Z'
  end: '2026-02-01T10:00:00Z'
notes: |
  Return the html link.
",
    ),
    (
        "interactions/google-calendar/share-calendar.yaml",
        "kind: action
description: Share a calendar with somebody.
docs:
  - https://developers.google.com/calendar/api/v3/reference/acl/insert
input:
  calendarId: primary
  email: ada@example.com
  role: reader
",
    ),
    (
        "interactions/slack/browse-channels.yaml",
        "kind: action
description: Browse the public channels of the workspace. Each comes with its topic.
docs:
  - https://api.slack.com/methods/conversations.list
input: {}
",
    ),
    (
        "interactions/slack/users.yaml",
        "kind: sync
description: Keep the members of the workspace fresh.
docs:
  - https://api.slack.com/methods/users.list
notes: |
  There are more members than fit on one page.
",
    ),
    (
        "interactions/slack/list-channels.yaml",
        "kind: action
description: List the public channels of the workspace.
docs:
  - https://api.slack.com/methods/conversations.list
input: {}
",
    ),
];
