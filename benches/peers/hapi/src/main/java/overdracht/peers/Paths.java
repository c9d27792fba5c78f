package overdracht.peers;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r4.fhirpath.ExpressionNode;
import org.hl7.fhir.r4.fhirpath.FHIRPathEngine;
import org.hl7.fhir.r4.fhirpath.IHostApplicationServices;
import org.hl7.fhir.r4.hapi.ctx.HapiWorkerContext;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.DecimalType;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Resource;

/**
 * What the reference's FHIRPath engine makes of expressions: a line {@code {"resource", "asked": [{"at": FHIRPATH,
 * "expressions": […]}]}} a resource on standard input, and a line with the answers in that order, as {@code tests/oracle}
 * gives them.
 */
public final class Paths {
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    FhirContext fhir = FhirContext.forR4();
    FHIRPathEngine engine = new FHIRPathEngine(new HapiWorkerContext(fhir, new DefaultProfileValidationSupport(fhir)));
    // Where a focus is, is written with the names of JSON.
    FHIRPathEngine places = new FHIRPathEngine(engine.getWorker());
    places.setAllowPolymorphicNames(true);
    engine.setHostServices(
        (IHostApplicationServices)
            Proxy.newProxyInstance(
                Paths.class.getClassLoader(), new Class<?>[] {IHostApplicationServices.class},
                (self, method, given) ->
                    method.getReturnType() == boolean.class ? (Object) false
                        : method.getReturnType() == List.class ? new ArrayList<>() : null));
    BufferedReader cases = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = cases.readLine(); line != null; line = cases.readLine()) {
      JsonObject given = JsonParser.parseString(line).getAsJsonObject();
      JsonArray answers = new JsonArray();
      Resource resource = null;
      String unread = null;
      try {
        resource = (Resource) fhir.newJsonParser().parseResource(given.get("resource").toString());
      } catch (Exception failed) {
        unread = failed.toString();
      }
      for (JsonElement one : given.get("asked").getAsJsonArray()) {
        JsonObject asked = one.getAsJsonObject();
        for (JsonElement expression : asked.get("expressions").getAsJsonArray()) {
          JsonObject answer = new JsonObject();
          try {
            if (unread != null) throw new IllegalArgumentException(unread);
            String at = asked.get("at").getAsString();
            List<Base> focus = at.isEmpty() ? List.of(resource) : places.evaluate(resource, at);
            if (focus.size() != 1) throw new IllegalArgumentException(at + " is " + focus.size());
            JsonArray items = new JsonArray();
            ExpressionNode parsed = engine.parse(expression.getAsString());
            for (Base item : engine.evaluate(null, resource, resource, focus.get(0), parsed)) items.add(shown(item));
            answer.add("items", items);
          } catch (Exception | StackOverflowError | OutOfMemoryError failed) {
            answer.addProperty("error", failed.toString());
          }
          answers.add(answer);
        }
      }
      out.println(answers);
      out.flush();
    }
  }

  private static String shown(Base item) {
    if (item instanceof DecimalType number && number.getValue() != null) return plain(number.getValue());
    if (item instanceof Quantity quantity && quantity.getValue() != null) {
      String unit = quantity.hasCode() ? quantity.getCode() : quantity.hasUnit() ? quantity.getUnit() : "1";
      return plain(quantity.getValue()) + " " + unit;
    }
    if (!item.isPrimitive()) return "{}";
    String text = item.primitiveValue();
    return text == null ? "" : item.fhirType().equals("time") && text.startsWith("T") ? text.substring(1) : text;
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
