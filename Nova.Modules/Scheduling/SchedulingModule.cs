using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling.Explain;

namespace Nova.Modules.Scheduling;

/// <summary>Registers the module.</summary>
public static class SchedulingModule
{
    /// <summary>
    /// The scheduler and its picture, which is told of changes as <see cref="IPictureFeed"/>. Wants
    /// <see cref="SchedulerOptions"/> and a TimeProvider. Before it serves, the host calls <see cref="Scheduler.Load"/>
    /// with <c>await database.Read(PictureSnapshot.Read, ct)</c>.
    /// </summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="isServedDirectly">False where even the callers of this process ask it through the transport.</param>
    public static IServiceCollection AddScheduler(this IServiceCollection services, bool isServedDirectly = true)
    {
        services.AddSingleton<Scheduler>().AddSingleton<Explainer>();
        if (isServedDirectly)
            services
                .AddSingleton<IScheduler>(provider => provider.GetRequiredService<Scheduler>())
                .AddSingleton<IExplainer>(provider => provider.GetRequiredService<Explainer>());
        return services
            .AddSingleton<IPictureFeed>(provider => provider.GetRequiredService<Scheduler>())
            .AddSingleton<ICapacityFeed>(provider => provider.GetRequiredService<Scheduler>());
    }
}
