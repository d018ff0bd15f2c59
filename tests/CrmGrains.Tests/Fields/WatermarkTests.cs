using CrmGrains.Core.Fields;

namespace CrmGrains.Tests.Fields;

public sealed class WatermarkTests
{
    [Fact]
    public void Later_wins_then_the_higher_rank_then_the_event_id()
    {
        Watermark[] inOrder = [A.Mark(0, 9, 9), A.Mark(1, 0, 9), A.Mark(1, 1, 1), A.Mark(1, 1, 2)];

        Assert.Equal(inOrder, inOrder.Reverse().Order());
        Assert.True(inOrder[0] < inOrder[1] && inOrder[2] <= inOrder[3] && inOrder[3] > inOrder[2] && inOrder[1] >= inOrder[0]);
        Assert.Equal(0, inOrder[2].CompareTo(A.Mark(1, 1, 1)));
    }
}
