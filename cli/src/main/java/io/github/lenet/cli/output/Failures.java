package io.github.lenet.cli.output;

import io.github.lenet.training.DivergedException;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.exceptions.TFResourceExhaustedException;
import org.tensorflow.exceptions.TensorFlowException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns exceptions into one line on standard error and an exit code. */
public final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {

  private static final String OUT_OF_GPU_MEMORY =
      "out of memory on the GPU (%s): use a smaller --batch-size, end other processes on"
          + " the GPU (nvidia-smi lists them), or raise --gpu-memory-limit";

  private static final String OUT_OF_NATIVE_MEMORY =
      "out of native memory (%s): use a smaller --batch-size, fewer --threads, or a"
          + " smaller network";

  private final Console console;
  private final boolean verbose;

  /**
   * Creates a handler that reports to a console.
   *
   * @param verbose whether the stack trace follows the line
   */
  public Failures(Console console, boolean verbose) {
    this.console = console;
    this.verbose = verbose;
  }

  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    print(describe(wrong), wrong);
    return ExitCode.WRONG_USAGE;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return report(failure);
  }

  /** Prints the failure, and returns {@link ExitCode#FAILED}. */
  public int report(Throwable failure) {
    print(describe(failure), failure);
    return ExitCode.FAILED;
  }

  private void print(String message, Throwable cause) {
    console.err().println("error: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    if (verbose) {
      cause.printStackTrace(console.err());
    }
    console.err().flush();
  }

  /** {@return the message of a failure for the user} */
  public static String describe(Throwable failure) {
    if (failure instanceof UncheckedIOException unchecked) {
      return describe(unchecked.getCause());
    }
    if (failure instanceof FileSystemException fileFailure) {
      return describeFile(fileFailure);
    }
    if (failure instanceof OutOfMemoryError) {
      return "out of memory (%s): use a smaller --batch-size, or set LENET_JAVA_OPTS=-Xmx4g"
          .formatted(failure.getMessage());
    }
    if (isOutOfGpuMemory(failure)) {
      return OUT_OF_GPU_MEMORY.formatted(TensorFlowRuntime.firstError(failure));
    }
    if (failure instanceof TFResourceExhaustedException) {
      return OUT_OF_NATIVE_MEMORY.formatted(TensorFlowRuntime.firstError(failure));
    }
    if (failure instanceof LinkageError linkage) {
      return TensorFlowNatives.explain(linkage);
    }
    if (failure.getMessage() != null) {
      if (isTensorFlows(failure)) {
        // The further lines locate the error in the graph. They are for --verbose.
        return "TensorFlow: " + TensorFlowRuntime.firstError(failure);
      }
      if (failure instanceof IOException
          || failure instanceof IllegalArgumentException
          || failure instanceof DivergedException
          || failure instanceof CommandFailedException) {
        return failure.getMessage();
      }
    }
    return "internal error: %s; run again with --verbose and report it".formatted(failure);
  }

  /**
   * {@return whether memory for a tensor, or the initial memory, could not be allocated} The three
   * messages are those of TensorFlow, of its compiler-generated kernels and of CUDA. Only the GPU
   * build has compiler-generated kernels.
   */
  private static boolean isOutOfGpuMemory(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return isTensorFlows(failure)
        && ((message.contains("OOM when allocating") && message.contains("GPU"))
            || message.contains("failed to allocate memory")
            || message.contains("CUDA_ERROR_OUT_OF_MEMORY"));
  }

  /** Compares packages, because some TensorFlow exceptions extend exceptions of Java instead. */
  private static boolean isTensorFlows(Throwable failure) {
    return failure.getClass().getPackageName().equals(TensorFlowException.class.getPackageName());
  }

  /** {@return why a file could not be read or written, without the file's name} */
  public static String reason(IOException failure) {
    if (failure instanceof FileSystemException fileFailure && fileFailure.getReason() != null) {
      return fileFailure.getReason();
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "already exists";
    }
    return String.valueOf(failure.getMessage());
  }

  /** Adds the reason where the message of a java.nio.file exception is only a path. */
  private static String describeFile(FileSystemException failure) {
    boolean isSentence =
        failure.getReason() != null || String.valueOf(failure.getMessage()).contains(": ");
    boolean isKnown =
        failure instanceof NoSuchFileException
            || failure instanceof AccessDeniedException
            || failure instanceof FileAlreadyExistsException;
    return isKnown && !isSentence
        ? failure.getFile() + ": " + reason(failure)
        : String.valueOf(failure.getMessage());
  }

  private static String describe(ParameterException wrong) {
    CommandSpec command = wrong.getCommandLine().getCommandSpec();
    String hint = ". Try '%s --help'.".formatted(command.qualifiedName());
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      return describeUnmatched(unmatched.getUnmatched().get(0), command, hint);
    }
    String message = wrong.getMessage();
    ArgSpec argument = wrong.getArgSpec();
    if (argument != null && message.startsWith("Invalid value for ")) {
      String why = message.substring(message.indexOf(": ") + 2);
      return argument instanceof OptionSpec option ? option.longestName() + ": " + why : why;
    }
    if (wrong instanceof MissingParameterException || argument != null) {
      return Character.toLowerCase(message.charAt(0)) + message.substring(1) + hint;
    }
    return message;
  }

  private static String describeUnmatched(String argument, CommandSpec command, String hint) {
    List<String> known;
    String kind;
    if (argument.startsWith("-")) {
      kind = "unknown option";
      known = new ArrayList<>(command.optionsMap().keySet());
    } else if (!command.subcommands().isEmpty()) {
      kind = "unknown command";
      known = new ArrayList<>(command.subcommands().keySet());
    } else {
      kind = "unexpected argument";
      known = List.of();
    }
    String suggestion = Suggestions.suggestion(argument, known);
    return "%s '%s'%s".formatted(kind, argument, suggestion.isEmpty() ? hint : suggestion);
  }
}
