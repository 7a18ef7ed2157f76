using System.Numerics;

namespace Ogong.Tests.Numerics;

/// <summary>A real number to 512 bits after the point, so that tests can state formulas as the documentation does.</summary>
internal readonly record struct Real(BigInteger Units)
{
    public float Nearest => Oracle.Nearest(Units);

    public double Double => (double)Units / (double)Oracle.Unit;

    public static implicit operator Real(int value) => new(value * Oracle.Unit);

    public static implicit operator Real(double value) => new(Oracle.Exact(value));

    public static Real operator +(Real a, Real b) => new(a.Units + b.Units);

    public static Real operator -(Real a, Real b) => new(a.Units - b.Units);

    public static Real operator -(Real a) => new(-a.Units);

    public static Real operator *(Real a, Real b) => new(Oracle.Mul(a.Units, b.Units));

    public static Real operator /(Real a, Real b) => new(Oracle.Div(a.Units, b.Units));

    public static bool operator <(Real a, Real b) => a.Units < b.Units;

    public static bool operator >(Real a, Real b) => a.Units > b.Units;

    public static Real Sqrt(Real a) => a.Units.Sign <= 0 ? 0 : new Real(Oracle.Root(a.Units));

    public static Real Ln(Real a) => new(Oracle.Ln(a.Units));

    public static Real Exp(Real a) => new(Oracle.Exp(a.Units));

    public static Real Cos(Real a) => new(Oracle.CosSin(a.Units).Cos);

    public static Real Sin(Real a) => new(Oracle.CosSin(a.Units).Sin);
}
