namespace CrmGrains.Sandbox.HubSpot;

/// <summary>Counts the changes of an account, so that who has seen it knows whether to look again. Guarded by the account's gate.</summary>
internal sealed class Revision
{
    public long Number { get; private set; }

    public void Advance() => Number++;
}
