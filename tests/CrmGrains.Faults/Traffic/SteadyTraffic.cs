namespace CrmGrains.Faults.Traffic;

/// <summary>
/// Deliveries of a few hundred customers at a steady rate. Each sender has customers of its own, whose deliveries follow one another, and
/// some that it shares with the others; now and then it repeats itself, at once or later, alone or twice at the same time.
/// </summary>
/// <param name="vendor">Posts them.</param>
/// <param name="run">Makes ids and people differ from those of other traffic on the same database.</param>
/// <param name="seed">Decides what is sent, not when it arrives.</param>
internal sealed class SteadyTraffic(Vendor vendor, string run, int seed)
{
    private const int Senders = 12;
    private const int SharedCustomers = 12;
    private const int SharedInHundred = 15;

    /// <summary>How many customers there are at most.</summary>
    public int Customers { get; init; } = 240;

    /// <summary>Deliveries a second, all senders together; repeats not counted.</summary>
    public double PerSecond { get; init; } = 40;

    /// <summary>Sends until it is told to stop, then until everything that was begun is accepted.</summary>
    /// <param name="stop">Begin nothing new.</param>
    /// <param name="cancellationToken">Give up.</param>
    public Task SendAsync(CancellationToken stop, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAsync(sender, stop, cancellationToken)));

    private async Task SendAsync(int sender, CancellationToken stop, CancellationToken cancellationToken)
    {
        var random = new Random(HashCode(seed, sender));
        var startedAt = TimeProvider.System.GetTimestamp();
        var between = TimeSpan.FromSeconds(Senders / PerSecond);
        Delivery? earlier = null;
        for (var count = 0; !stop.IsCancellationRequested; count++)
        {
            // Late ones catch up, so that an interruption is followed by a rush.
            var due = (between * count) + (between * random.NextDouble()) - TimeProvider.System.GetElapsedTime(startedAt);
            if (due > TimeSpan.Zero)
                await Task.Delay(due, TimeProvider.System, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            if (stop.IsCancellationRequested)
                return;
            var delivery = Draw(random, sender, (count * Senders) + sender);
            switch (random.Next(100))
            {
                case < 4:
                    await Task.WhenAll(vendor.DeliverAsync(delivery, cancellationToken), vendor.DeliverAsync(delivery, cancellationToken));
                    break;
                case < 8:
                    await vendor.DeliverAsync(delivery, cancellationToken);
                    await vendor.DeliverAsync(delivery, cancellationToken);
                    break;
                case < 11 when delivery.Source == "diagnostic":
                    await vendor.DeliverAsync(delivery, cancellationToken);
                    await vendor.DeliverAsync(delivery with { DeliveryId = $"{delivery.DeliveryId}_again" }, cancellationToken);
                    break;
                case < 14 when earlier is not null:
                    await vendor.DeliverAsync(earlier, cancellationToken);
                    await vendor.DeliverAsync(delivery, cancellationToken);
                    break;
                default:
                    await vendor.DeliverAsync(delivery, cancellationToken);
                    break;
            }

            earlier = random.Next(2) == 0 ? delivery : earlier;
        }
    }

    private Delivery Draw(Random random, int sender, int number)
    {
        var customer = random.Next(100) < SharedInHundred
            ? random.Next(SharedCustomers)
            : SharedCustomers + (random.Next((Customers - SharedCustomers) / Senders) * Senders) + sender;
        return random.Next(3) == 0 ? Delivery.FromSystem(run, number, customer) : Delivery.FromForm(run, number, customer);
    }

    // The framework's own differs from process to process.
    private static int HashCode(int seed, int sender) => unchecked((seed * 7919) + sender);
}
