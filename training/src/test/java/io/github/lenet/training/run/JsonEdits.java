package io.github.lenet.training.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Changes values of a JSON document, as bytes say: what is still JSON after that is more often
 * nearly right than what comes of changing its letters.
 */
final class JsonEdits {

  private static final JsonMapper JSON = new JsonMapper();

  private JsonEdits() {}

  /** Copies of copies grow fast. */
  private static final int MOST = 8;

  /** Three bytes an edit: which value, in two, and what becomes of it. */
  static String apply(String document, ByteBuffer edits) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(document);
      for (int i = 0; i < MOST && edits.remaining() >= 3; i++) {
        List<JsonNode> containers = new ArrayList<>();
        List<Object> keys = new ArrayList<>();
        collect(root, containers, keys);
        if (keys.isEmpty()) {
          break;
        }
        int place = (edits.getShort() & 0xffff) % keys.size();
        int other = (edits.get() & 0xff) % 24;
        edit(containers.get(place), keys.get(place), other, containers, keys);
      }
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers, List<Object> keys) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        containers.add(object);
        keys.add(field.getKey());
        collect(field.getValue(), containers, keys);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        containers.add(array);
        keys.add(i);
        collect(array.get(i), containers, keys);
      }
    }
  }

  private static JsonNode get(JsonNode container, Object key) {
    return key instanceof String name ? container.get(name) : container.get((Integer) key);
  }

  private static void edit(
      JsonNode container, Object key, int kind, List<JsonNode> containers, List<Object> keys) {
    var nodes = JSON.getNodeFactory();
    JsonNode value = get(container, key);
    JsonNode now =
        switch (kind) {
          case 0, 1 -> null; // goes away
          case 2 -> nodes.nullNode();
          case 3 -> nodes.booleanNode(!value.asBoolean());
          case 4 -> nodes.numberNode(0);
          case 5 -> nodes.numberNode(-1);
          case 6 -> nodes.numberNode(1);
          case 7 -> nodes.numberNode(2);
          case 8 -> nodes.numberNode(Integer.MAX_VALUE);
          case 9 -> nodes.numberNode(1L << 32);
          case 10 -> nodes.numberNode(Long.MIN_VALUE);
          case 11 -> nodes.numberNode(BigInteger.TWO.pow(64));
          case 12 -> nodes.numberNode(0.5);
          case 13 -> nodes.numberNode(1e300);
          case 14 -> nodes.numberNode(value.asDouble() + 0.25);
          case 15 -> nodes.textNode("");
          case 16 -> nodes.textNode(value.asText());
          case 17 -> nodes.textNode("NaN");
          case 18 -> nodes.arrayNode();
          case 19 -> nodes.objectNode();
          case 20 -> nodes.arrayNode().add(value.deepCopy()).add(value.deepCopy());
          case 21 -> nodes.objectNode().set("a", value.deepCopy());
          case 22 -> get(containers.get(keys.size() - 1), keys.get(keys.size() - 1)).deepCopy();
          default -> get(containers.get(0), keys.get(0)).deepCopy();
        };
    if (container instanceof ObjectNode object) {
      if (now == null) {
        object.remove((String) key);
      } else {
        object.set((String) key, now);
      }
    } else if (container instanceof ArrayNode array) {
      if (now == null) {
        array.remove((Integer) key);
      } else {
        array.set((Integer) key, now);
      }
    }
  }
}
