using System.ComponentModel.DataAnnotations;

namespace CrmGrains.Sandbox;

/// <summary>
/// How the stand-in behaves. On the command line <c>--name value</c>, in the environment <c>CRMGRAINS_SANDBOX_NAME</c>;
/// time spans are written <c>00:00:02</c>.
/// </summary>
public sealed class SandboxOptions
{
    /// <summary>Addresses to listen on, separated by semicolons; port 0 lets the system choose.</summary>
    [Required]
    public string Urls { get; set; } = "http://127.0.0.1:8090";

    /// <summary>Calls in any ten seconds, search aside: 190 is what a Professional account grants one app.</summary>
    [Range(1, 1_000_000)]
    public int BurstLimit { get; set; } = 190;

    /// <summary>Calls in one UTC day, search aside.</summary>
    [Range(1, int.MaxValue)]
    public int DailyLimit { get; set; } = 625_000;

    /// <summary>Searches in any one second, for the whole account.</summary>
    [Range(1, 1_000_000)]
    public int SearchLimit { get; set; } = 5;

    /// <summary>How long a write stays hidden from search.</summary>
    public TimeSpan SearchLag { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The only bearer tokens let in, separated by commas; empty lets in any.</summary>
    public string Tokens { get; set; } = "";

    /// <summary>
    /// The port of the stand-in mail server, on the first address's host; 0 lets the system choose. Absent: 8025 where the sandbox is a
    /// program of its own, else one that the system chooses.
    /// </summary>
    [Range(0, 65_535)]
    public int? SmtpPort { get; set; }

    /// <summary>Who may send mails; matters only with a password.</summary>
    public string MailUser { get; set; } = "";

    /// <summary>Empty: whoever comes may send mails.</summary>
    public string MailPassword { get; set; } = "";

    /// <summary>What webhook calls must be signed with, <c>whsec_</c> and Base64; empty takes none.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>
    /// The file that keeps what the account holds from one start to the next: records, associations, owners and properties,
    /// not faults, stats or calls. Empty keeps nothing.
    /// </summary>
    public string State { get; set; } = "";

    /// <summary>Writes a line for each start, stop and failure to the standard output.</summary>
    public bool Log { get; set; } = true;
}
