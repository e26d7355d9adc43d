using System.Data;
using System.Globalization;
using System.Reflection;
using Dapper;

namespace Nova.Modules.Shared.Database;

/// <summary>How Dapper moves our types; called once at start by every database driver.</summary>
public static class DapperTypes
{
    private static readonly Lock Gate = new();
    private static bool _registered;

    /// <summary>Registers the handlers. Both databases may live in one process: the handler looks at the parameter.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (_registered)
                return;

            DefaultTypeMap.MatchNamesWithUnderscores = true;
            SqlMapper.RemoveTypeMap(typeof(Guid));
            SqlMapper.RemoveTypeMap(typeof(Guid?));
            SqlMapper.AddTypeHandler(new UuidHandler());
            SqlMapper.TypeMapProvider = type => new RecordMap(type);
            _registered = true;
        }
    }

    private sealed class UuidHandler : SqlMapper.TypeHandler<Guid>
    {
        public override Guid Parse(object value) =>
            value is Guid uuid ? uuid : Guid.Parse((string)value, CultureInfo.InvariantCulture);

        // Npgsql takes a Guid; everything else (SQLite) keeps lower-case text, which compares as it sorts.
        public override void SetValue(IDbDataParameter parameter, Guid value) =>
            parameter.Value = parameter.GetType().Name == "NpgsqlParameter" ? value : value.ToString();
    }

    /// <summary>
    /// Dapper's own map chooses a constructor by the types of the columns, and SQLite tells only four: a record with a
    /// UUID, a boolean or an INTEGER in its constructor would work on PostgreSQL alone. Here the names decide, in order.
    /// </summary>
    private sealed class RecordMap(Type type) : SqlMapper.ITypeMap
    {
        private readonly DefaultTypeMap _default = new(type);

        public ConstructorInfo? FindConstructor(string[] names, Type[] types) =>
            _default.FindConstructor(names, types) ?? Array.Find(type.GetConstructors(), c => Takes(c.GetParameters(), names));

        public ConstructorInfo? FindExplicitConstructor() => _default.FindExplicitConstructor();

        public SqlMapper.IMemberMap? GetConstructorParameter(ConstructorInfo constructor, string columnName) =>
            _default.GetConstructorParameter(constructor, columnName);

        public SqlMapper.IMemberMap? GetMember(string columnName) => _default.GetMember(columnName);

        private static bool Takes(ParameterInfo[] parameters, string[] names) =>
            parameters.Length == names.Length
            && parameters.Zip(names).All(p => string.Equals(p.First.Name, p.Second.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
    }
}
