package io.github.lenet.cli.output;

/** The exit codes of the process. */
public final class ExitCode {

  /** The command succeeded. */
  public static final int DONE = 0;

  /** The command line was valid, but the command failed. */
  public static final int FAILED = 1;

  /** The command line was wrong; nothing was changed. */
  public static final int WRONG_USAGE = 2;

  private ExitCode() {}
}
