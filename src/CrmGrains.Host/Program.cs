using System.CommandLine;
using CrmGrains.Host.Commands;

// Signals are the server's own business: it finishes what it has begun.
return await new RootCommand("CrmGrains turns the events of a business into controlled changes in its CRM.")
{
    ServeCommand.Create(),
    MigrateCommand.Create(),
    TraceCommand.Create(),
    LedgerCommand.Create(),
    SendCommand.Create(),
    DemoCommand.Create(),
    DeadLettersCommand.Create(),
    ReplayCommand.Create(),
    DriftCommand.Create(),
    UndoCommand.CreateActions(),
    UndoCommand.Create(),
    AutonomyCommand.Create(),
    WorkspaceCommand.Create(),
    ContractCommand.Create(),
    ExplainCommand.Create(),
}.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
