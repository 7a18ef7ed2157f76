# Builds, tests, benchmarks or packs Ogong: ./build.ps1 [build|test|bench|pack|api|proofs] [--option=value ...]
# Needs the .NET SDK named in global.json, and nothing else: the build tool is restored from .config/dotnet-tools.json.
param(
    [string] $Target = 'test',
    [Parameter(ValueFromRemainingArguments = $true)] [string[]] $Rest = @()
)
$ErrorActionPreference = 'Stop'
if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
    Write-Error 'dotnet is not on PATH: install the .NET 10 SDK first.'
    exit 2
}

$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
Push-Location $PSScriptRoot
try {
    dotnet tool restore --verbosity quiet
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    dotnet cake build.cake --verbosity=minimal --target="$Target" @Rest
    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
