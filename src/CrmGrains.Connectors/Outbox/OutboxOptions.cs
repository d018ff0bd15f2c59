using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// How the commands of all CRM accounts are batched, retried and watched. What a CRM's limits are is the account's own configuration.
/// </summary>
public sealed class OutboxOptions
{
    private const string Day = "1.00:00:00";
    private const string Millisecond = "00:00:00.001";

    /// <summary>
    /// Waiting commands held in memory for each object (contacts, deals and so on) of an account; the rest wait in the database.
    /// </summary>
    [Range(100, 100_000)]
    public int Capacity { get; set; } = 2_000;

    /// <summary>Ids of CRM records remembered for each account while this process holds it.</summary>
    [Range(100, 10_000_000)]
    public int RememberedLinks { get; set; } = 50_000;

    /// <summary>
    /// How often the database is asked for commands that nobody announced, and, where another process holds the account, whether it still
    /// does.
    /// </summary>
    [Range(typeof(TimeSpan), Millisecond, "00:00:20")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often all waiting commands are looked through from the oldest on, for what was opened again since.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the open commands are counted for the metrics.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan CountInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time between the first two batches of an object after idleness: shorter answers sooner, longer makes fewer calls.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan FirstSpacing { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time between batches of an object while traffic goes on. A full batch never waits.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan Spacing { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a batch waits for more while so much comes that <see cref="FloodBatch"/> would be there by then.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan FloodSpacing { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Records that are worth waiting for: what most CRMs take in one call.</summary>
    [Range(1, 10_000)]
    public int FloodBatch { get; set; } = 100;

    /// <summary>How long nothing must have been waiting before the next command goes out at once again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Attempts before a command goes to the dead letters.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>
    /// The longest wait after the first failed attempt; doubled with each one that follows. The wait is drawn between zero and it.
    /// </summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan RetryBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What the wait between attempts never exceeds by itself.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan RetryCeiling { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most that is believed when a CRM asks to wait.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The least wait after an answer that makes no sense.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan UnknownWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the CRM may still be at work on an attempt that nobody waits for any more, because it wasn't answered in time or the
    /// process is gone. A note or task is looked for only after that: before, it might be missed and written twice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan UncertainWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before a paused account is probed for the first time; doubled with each probe that fails.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan ProbeBase { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between probes.</summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan ProbeCeiling { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a command waits for an account that no configuration has before a person is asked: longer than processes take to read a
    /// changed configuration.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", Day)]
    public TimeSpan AbsentAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The most that one batch or probe may take, its waits for the rate limit included. What isn't answered by then is uncertain.
    /// </summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a stopping process waits for the calls in flight, so that their outcomes are booked rather than uncertain.
    /// </summary>
    [Range(typeof(TimeSpan), Millisecond, Day)]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>Checks <see cref="OutboxOptions"/> at startup.</summary>
[OptionsValidator]
public sealed partial class OutboxOptionsValidator : IValidateOptions<OutboxOptions>;
