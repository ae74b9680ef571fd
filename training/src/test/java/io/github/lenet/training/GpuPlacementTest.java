package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.device.DeviceSelection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Where the operations of a training for a GPU would go, found out without one: by the devices in
 * its graph, and by TensorFlow's list of what a GPU can run.
 */
@Tag("slow")
class GpuPlacementTest {

  private static final GpuKernels KERNELS = new GpuKernels();

  private static final Map<String, OpDef> OPERATIONS =
      TensorFlow.registeredOpList().getOpList().stream()
          .collect(Collectors.toMap(OpDef::getName, op -> op));

  /** What is fed, what seeds of a step are made of, and what writes files. */
  private static final Set<String> MAY_BE_ON_THE_HOST =
      Set.of("Placeholder", "Const", "Unpack", "Pack", "SaveV2");

  static List<TrainingConfig> configs() {
    return TrainingConfigs.ofManyKinds();
  }

  @ParameterizedTest
  @MethodSource("configs")
  void everyOperationOfAStepHasAKernelForGpus(TrainingConfig config) {
    Set<String> onHost = new TreeSet<>();
    Set<String> without = new TreeSet<>();
    for (NodeDef node : graph(config).getNodeList()) {
      if (isOnHost(node)) {
        onHost.add(node.getOp());
      } else {
        assertTrue(Set.of("", "/device:GPU:0").contains(node.getDevice()), node.toString());
        addIfNoKernel(node, without);
      }
    }
    assertEquals(Set.of(), without, "no kernel in gpu-kernels.txt");
    assertTrue(MAY_BE_ON_THE_HOST.containsAll(onHost), onHost.toString());
  }

  private static void addIfNoKernel(NodeDef node, Set<String> without) {
    if (KERNELS.of(node).isEmpty()) {
      without.add(node.getOp() + types(node));
    }
  }

  /**
   * A kernel that wants an argument in the host's memory waits for the GPU if the argument is
   * computed there. The shape in the gradient of a sum over a kernel, which standardization takes,
   * seems to be, but is known and computed ahead.
   */
  @ParameterizedTest
  @MethodSource("configs")
  void nothingThatAGpuComputesIsWantedOnTheHost(TrainingConfig config) {
    Map<String, NodeDef> nodes = new HashMap<>();
    graph(config).getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<String> copied = new TreeSet<>();
    for (NodeDef node : nodes.values()) {
      if (isOnHost(node) || isOnceOnly(node)) {
        continue;
      }
      List<String> inputs =
          node.getInputList().stream().filter(input -> !input.startsWith("^")).toList();
      List<String> names = names(node, OPERATIONS.get(node.getOp()).getInputArgList());
      for (int i = 0; i < inputs.size(); i++) {
        String[] from = inputs.get(i).split(":");
        NodeDef source = nodes.get(from[0]);
        int output = from.length == 1 ? 0 : Integer.parseInt(from[1]);
        List<String> outputs = names(source, OPERATIONS.get(source.getOp()).getOutputArgList());
        if (wantsOnHost(node, names.get(i))
            && !isOnHost(source)
            && !(source.getOp().equals("DynamicStitch") && config.standardization().isPresent())
            && !wantsOnHost(source, outputs.get(output))) {
          copied.add(
              "%s (%s) to %s (%s)"
                  .formatted(source.getOp(), source.getName(), node.getOp(), node.getName()));
        }
      }
    }
    assertEquals(Set.of(), copied);
  }

  private static GraphDef graph(TrainingConfig config) {
    DeviceSelection gpu = new DeviceSelection("/device:GPU:0", "test", Optional.empty());
    try (Trainer trainer = new Trainer(config, gpu)) {
      return trainer.graph().session().graph().toGraphDef();
    }
  }

  private static boolean isOnHost(NodeDef node) {
    return node.getDevice().equals("/device:CPU:0");
  }

  /** Initial values. */
  private static boolean isOnceOnly(NodeDef node) {
    return (node.getOp().startsWith("Stateless") || node.getOp().equals("Fill"))
        && !node.getName().contains("replica");
  }

  private static boolean wantsOnHost(NodeDef node, String argument) {
    return KERNELS.of(node).orElseThrow().onHost().contains(argument);
  }

  /** The arguments' names, each as often as there are tensors. */
  private static List<String> names(NodeDef node, List<OpDef.ArgDef> arguments) {
    List<String> names = new ArrayList<>();
    for (OpDef.ArgDef argument : arguments) {
      long count =
          argument.getNumberAttr().isEmpty()
              ? 1
              : node.getAttrOrThrow(argument.getNumberAttr()).getI();
      for (int i = 0; i < count; i++) {
        names.add(argument.getName());
      }
    }
    return names;
  }

  private static String types(NodeDef node) {
    return node.getAttrMap().entrySet().stream()
        .filter(attribute -> attribute.getValue().getTypeValue() != 0)
        .map(attribute -> " " + attribute.getKey() + "=" + attribute.getValue().getType())
        .sorted()
        .collect(Collectors.joining());
  }
}
