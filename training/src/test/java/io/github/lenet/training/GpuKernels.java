package io.github.lenet.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.KernelDef;
import org.tensorflow.proto.KernelList;
import org.tensorflow.proto.NodeDef;

/**
 * Which operations TensorFlow's build for GPUs can run on one, for which types: its own list, which
 * it gives on a machine without a GPU as well. {@code gpu-kernels.txt} has the part that is needed
 * here; {@link #main} writes it.
 */
final class GpuKernels {

  private static final Set<DataType> TYPES =
      Set.of(
          DataType.DT_FLOAT,
          DataType.DT_UINT8,
          DataType.DT_INT32,
          DataType.DT_INT64,
          DataType.DT_BOOL);

  /**
   * An implementation of an operation.
   *
   * @param types allowed for the type attributes that it names
   * @param onHost arguments that it wants in, or leaves in, the host's memory
   */
  record Kernel(Map<String, Set<String>> types, Set<String> onHost) {

    private boolean fits(NodeDef node) {
      return types.entrySet().stream()
          .allMatch(
              allowed ->
                  allowed
                      .getValue()
                      .contains(node.getAttrOrThrow(allowed.getKey()).getType().name()));
    }
  }

  private final Map<String, List<Kernel>> kernels = new LinkedHashMap<>();

  /** Reads the list. */
  GpuKernels() {
    try (InputStream in = GpuKernels.class.getResourceAsStream("gpu-kernels.txt");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> !line.startsWith("#")).forEach(this::add);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code OneHot T=DT_FLOAT TI=DT_INT32|DT_INT64 host=depth}. */
  private void add(String line) {
    String[] words = line.split(" ");
    Map<String, Set<String>> types = new LinkedHashMap<>();
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      String[] pair = word.split("=");
      types.put(pair[0], Set.of(pair[1].split("\\|")));
    }
    Set<String> onHost = Optional.ofNullable(types.remove("host")).orElse(Set.of());
    kernels.computeIfAbsent(words[0], op -> new ArrayList<>()).add(new Kernel(types, onHost));
  }

  /** What would run an operation on a GPU; none if nothing does. */
  Optional<Kernel> of(NodeDef node) {
    return kernels.getOrDefault(node.getOp(), List.of()).stream()
        .filter(kernel -> kernel.fits(node))
        .findFirst();
  }

  /**
   * Prints the list for some operations, with the natives for GPUs on the class path in place of
   * the CPU's.
   *
   * @param operations their types
   */
  public static void main(String[] operations) throws IOException {
    System.setProperty("org.bytedeco.javacpp.platform.extension", "-gpu");
    Set<String> lines = new TreeSet<>();
    try (TF_Status status = TF_Status.newStatus()) {
      TF_Buffer all = tensorflow.TF_GetAllRegisteredKernels(status);
      for (KernelDef kernel : KernelList.parseFrom(all.dataAsByteBuffer()).getKernelList()) {
        boolean onGpu = Set.of("GPU", "DEFAULT").contains(kernel.getDeviceType());
        if (onGpu
            && kernel.getLabel().isEmpty()
            && List.of(operations).contains(kernel.getOp())
            && constraints(kernel).values().stream().noneMatch(Set::isEmpty)) {
          lines.add(line(kernel));
        }
      }
    }
    lines.forEach(System.out::println);
  }

  private static String line(KernelDef kernel) {
    StringBuilder line = new StringBuilder(kernel.getOp());
    constraints(kernel)
        .forEach((name, types) -> line.append(" " + name + "=" + String.join("|", types)));
    if (kernel.getHostMemoryArgCount() > 0) {
      line.append(" host=" + String.join("|", kernel.getHostMemoryArgList()));
    }
    return line.toString();
  }

  private static Map<String, Set<String>> constraints(KernelDef kernel) {
    return kernel.getConstraintList().stream()
        .collect(
            Collectors.toMap(
                KernelDef.AttrConstraint::getName,
                constraint ->
                    constraint.getAllowedValues().getList().getTypeList().stream()
                        .filter(TYPES::contains)
                        .map(Enum::name)
                        .collect(Collectors.toCollection(TreeSet::new)),
                (one, other) -> one,
                LinkedHashMap::new));
  }
}
