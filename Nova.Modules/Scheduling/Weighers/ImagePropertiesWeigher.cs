namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Prefers hosts that have servers with the same image properties, each property times its weight.</summary>
internal sealed class ImagePropertiesWeigher(SchedulerOptions options) : IHostWeigher
{
    private readonly IReadOnlyDictionary<string, double> _weights = options.ImagePropsWeightSetting;
    private readonly WeightedSums _sums = new();

    public string Name => "ImagePropertiesWeigher";

    public string? AggregateKey => "image_props_weight_multiplier";

    public double Multiplier => options.ImagePropsWeightMultiplier;

    public ReadOnlySpan<int> Values(Picture picture, PlacementRequest request)
    {
        if (_weights.Count == 0 || request.ImageProperties.Count == 0)
            return [];

        var sums = _sums.Begin(picture.Slots);
        foreach (var (property, weight) in _weights)
            if (request.ImageProperties.TryGetValue(property, out var value) && picture.ServersWith(property, value) is { } counts)
                for (var slot = picture.Present.Next(0); slot >= 0; slot = picture.Present.Next(slot + 1))
                    sums[slot] += weight * counts[slot];
        return _sums.End(picture.Present);
    }
}
