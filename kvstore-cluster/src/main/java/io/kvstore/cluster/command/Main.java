package io.kvstore.cluster.command;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.Version;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The program {@code kvstore}. */
@Command(
        name = "kvstore",
        header = "A parameter store for training, over many JVMs.",
        description = "",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Main.Versions.class,
        subcommands = {ServerCommand.class, LaunchCommand.class, StatusCommand.class, DoctorCommand.class},
        footer = {"", "kvstore COMMAND --help tells more of each."})
public final class Main {

    private static final int HELP_WIDTH = 110;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "show this and end")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "show the version and end")
    private boolean version;

    private Main() {}

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(execute(System.out, System.err, arguments));
    }

    static int execute(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new Main())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExpandAtFiles(false)
                .setUsageHelpWidth(HELP_WIDTH)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(
                        (e, all) -> fail(e.getCommandLine(), e.getMessage() + " (see --help)", Exit.USAGE))
                .setExecutionExceptionHandler(Main::explain)
                .execute(arguments);
    }

    private static int explain(Exception e, CommandLine line, CommandLine.ParseResult result) throws Exception {
        if (e instanceof KVStoreException refused) {
            boolean setting = refused.reason() == Reason.INVALID_CONFIGURATION;
            return fail(line, e.getMessage(), setting ? Exit.USAGE : Exit.FAILED);
        }
        throw e; // a defect: its stack trace is wanted
    }

    private static int fail(CommandLine line, String message, int exitCode) {
        line.getErr().println(line.getCommandSpec().qualifiedName() + ": " + message);
        return exitCode;
    }

    /** What {@code --version} prints. */
    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"kvstore " + Version.text() + ", Java " + Runtime.version()};
        }
    }
}
