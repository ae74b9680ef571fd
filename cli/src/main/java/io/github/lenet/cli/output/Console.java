package io.github.lenet.cli.output;

import java.io.PrintStream;
import java.util.Objects;

/**
 * Where a command writes.
 *
 * @param out for results; the caller's, never closed here
 * @param err for everything else; the caller's, never closed here
 * @param isTerminal whether {@code err} is a terminal, where a progress bar can be drawn
 */
public record Console(PrintStream out, PrintStream err, boolean isTerminal) {

  public Console {
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(err, "err");
  }
}
