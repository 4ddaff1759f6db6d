/** Why Slack refuses, when it does: it answers 200 all the same. */
export function refusal(answer: { ok: boolean; error?: string | undefined }): string | undefined {
    return answer.ok ? undefined : (answer.error ?? 'Slack refused without a reason.');
}
