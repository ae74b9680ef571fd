package io.github.lenet.cli.output;

import java.io.PrintStream;
import java.util.Objects;

/**
 * The streams of a command's output. The caller owns them; this class never closes them.
 *
 * @param out the stream for results
 * @param err the stream for everything else
 * @param isTerminal whether {@code err} is a terminal, where a progress bar can be drawn
 */
public record Console(PrintStream out, PrintStream err, boolean isTerminal) {

  public Console {
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(err, "err");
  }
}
