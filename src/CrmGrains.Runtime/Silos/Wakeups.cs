namespace CrmGrains.Runtime.Silos;

/// <summary>Who is to be woken when something was committed: this process at once, the others through the database.</summary>
public sealed class Wakeups(TimeProvider time)
{
    /// <summary>The silo's workers: there are messages.</summary>
    public Wakeup Mailboxes { get; } = new(time);

    /// <summary>The outbox: there are commands.</summary>
    public Wakeup Commands { get; } = new(time);

    /// <summary>The notifier: another process may have to be told.</summary>
    public Wakeup Others { get; } = new(time);

    /// <summary>Messages were committed.</summary>
    public void MailboxesFilled()
    {
        Mailboxes.Signal();
        Others.Signal();
    }

    /// <summary>Commands were committed.</summary>
    public void CommandsQueued()
    {
        Commands.Signal();
        Others.Signal();
    }
}
