namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Prefers the hosts of the cell where a server that moves is.</summary>
internal sealed class CrossCellWeigher(double multiplier) : IHostWeigher
{
    private int[] _isSame = [];

    public string Name => "CrossCellWeigher";

    public string? AggregateKey => "cross_cell_move_weight_multiplier";

    public double Multiplier => multiplier;

    public ReadOnlySpan<int> Values(Picture picture, PlacementRequest request)
    {
        if (request.FromCell is not { } cell)
            return [];

        if (_isSame.Length < picture.Slots)
            _isSame = new int[picture.Slots];
        for (var slot = 0; slot < picture.Slots; slot++)
            _isSame[slot] = picture.Cells[slot] == cell ? 1 : 0;
        return _isSame;
    }
}
