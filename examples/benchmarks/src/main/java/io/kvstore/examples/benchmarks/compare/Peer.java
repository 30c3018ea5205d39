package io.kvstore.examples.benchmarks.compare;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One worker of one side, in a process of its own, which plays rounds as it is told to.
 *
 * <pre>
 *   stdin             stdout
 *                     {@code @ ready}                        the keys are initialised
 *   {@code rounds 3}          {@code @ 812 4211 4127 4390}           time between rounds, time of each; ns
 *   {@code check}             {@code @ ok}
 *   end               the process ends
 * </pre>
 *
 * <p>A failure is {@code @ failed} and what it says; the process then ends with exit code 1.
 */
final class Peer {
    static final String OURS = "ours";
    static final String MXNET = "mxnet";

    /** What begins an answer; other lines of standard output are for people. */
    static final String ANSWER = "@ ";

    static final String READY = "ready";
    static final String OK = "ok";
    static final String FAILED = "failed ";

    private static final Duration ENDING = Duration.ofSeconds(20);

    private Peer() {}

    /** Arguments: the side, the work as text, the worker's number. */
    public static void main(String[] arguments) {
        Work work = Work.parse(arguments[1]);
        int worker = Integer.parseInt(arguments[2]);
        serve(() -> arguments[0].equals(OURS) ? new OurSide(work) : new MxnetSide(work), work, worker);
    }

    /** Opens a side, and obeys standard input until it ends; ends the JVM. */
    static void serve(Opening opening, Work work, int worker) {
        PrintStream out = System.out;
        Commands commands = Commands.untilInputEnds(ENDING);
        try (Side side = opening.open()) {
            Rounds rounds = new Rounds(side, work, worker);
            out.println(ANSWER + READY);
            for (String line = commands.next(); line != null; line = commands.next()) {
                out.println(ANSWER + obey(rounds, line));
            }
        } catch (WrongValueException e) {
            out.println(ANSWER + FAILED + e.getMessage());
            Runtime.getRuntime().halt(1);
        } catch (InterruptedException | RuntimeException e) {
            e.printStackTrace();
            out.println(ANSWER + FAILED + e.toString().lines().findFirst().orElseThrow());
            Runtime.getRuntime().halt(1); // an orderly end may wait for other workers
        }
        System.exit(0);
    }

    interface Opening {
        Side open();
    }

    private static String obey(Rounds rounds, String command) {
        if (command.equals("check")) {
            rounds.check();
            return OK;
        }
        Rounds.Times times = rounds.run(Integer.parseInt(command.substring("rounds ".length())));
        return times.between() + " "
                + Arrays.stream(times.rounds()).mapToObj(Long::toString).collect(Collectors.joining(" "));
    }
}
