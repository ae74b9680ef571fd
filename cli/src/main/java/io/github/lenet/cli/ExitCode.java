package io.github.lenet.cli;

/** What the process tells its caller. */
final class ExitCode {

  /** The command did what was asked. */
  static final int DONE = 0;

  /** The command was right, and could not be carried out. */
  static final int FAILED = 1;

  /** The command line was wrong; nothing was touched. */
  static final int WRONG_USAGE = 2;

  private ExitCode() {}
}
