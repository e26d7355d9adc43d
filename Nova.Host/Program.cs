return await Nova.Host.Commands.NovaCommandLine.Run(args);
