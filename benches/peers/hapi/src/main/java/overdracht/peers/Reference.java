package overdracht.peers;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.model.Resource;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.r5.utils.validation.ValidatorSession;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.http.ManagedWebAccess;
import org.hl7.fhir.utilities.npm.NpmPackage;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.BaseValidator;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.ValidatorUtils;
import org.hl7.fhir.validation.instance.InstanceValidator;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/**
 * What the reference validator says, set as its command line is without a terminology server: {@code Reference
 * PACKAGE.tgz...}, with a line {@code {"file", "profiles", "supporting"}} a case on standard input. Answers each with a
 * line {@code {"file", "issues": [{"severity", "code", "expression", "message", "id"}]}}. The core package is read from
 * the package cache in the user's home.
 */
public final class Reference {
  public static void main(String[] args) throws Exception {
    // What the libraries print must not come between the answers.
    PrintStream out = System.out;
    System.setOut(System.err);
    ManagedWebAccess.setAccessPolicy(ManagedWebAccess.WebAccessPolicy.PROHIBITED);
    ValidationEngine base =
        new ValidationEngine.ValidationEngineBuilder()
            .withVersion("4.0.1")
            .withNoTerminologyServer()
            .fromSource("hl7.fhir.r4.core#4.0.1");
    // One by one, as a package may depend on versions that are not here.
    for (String file : args) {
      NpmPackage npm = NpmPackage.fromPackage(Files.newInputStream(Path.of(file)));
      base.getContext().loadFromPackage(npm, ValidatorUtils.loaderForVersion("4.0.1"));
    }
    base.prepare();

    BufferedReader cases = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    // Cases of one group stand together and share their definitions.
    List<String> loaded = List.of();
    ValidationEngine engine = base;
    for (String line = cases.readLine(); line != null; line = cases.readLine()) {
      JsonObject given = JsonParser.parseString(line).getAsJsonObject();
      JsonObject answer = new JsonObject();
      answer.addProperty("file", given.get("file").getAsString());
      List<ValidationMessage> messages = new ArrayList<>();
      try {
        List<String> supporting = texts(given, "supporting");
        if (!supporting.equals(loaded)) {
          engine = supporting.isEmpty() ? base : new ValidationEngine(base);
          loaded = supporting;
          for (String file : supporting) {
            engine.seeResource(engine.getIgLoader().loadResourceByVersion("4.0.1", Files.readAllBytes(Path.of(file)), file));
          }
        }
        Path file = Path.of(given.get("file").getAsString());
        FhirFormat format = file.toString().endsWith(".xml") ? FhirFormat.XML : FhirFormat.JSON;
        InstanceValidator validator = engine.getValidator(format);
        knowsItsVersion(validator, engine);
        validator.setFetcher(new Known(engine));
        validator.setPolicyAdvisor(new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.IGNORE, Set.of()));
        validator.setAllowExamples(true);
        validator.validate(
            null, messages, new ByteArrayInputStream(Files.readAllBytes(file)), format,
            engine.asSdList(texts(given, "profiles")));
      } catch (Exception | StackOverflowError | LinkageError failed) {
        answer.addProperty("failed", failed.toString());
      }
      JsonArray issues = new JsonArray();
      for (ValidationMessage message : messages) {
        JsonObject issue = new JsonObject();
        issue.addProperty("severity", message.getLevel().toCode());
        issue.addProperty("code", message.getType() == null ? null : message.getType().toCode());
        issue.addProperty("expression", message.getLocation());
        issue.addProperty("message", message.getMessage());
        issue.addProperty("id", message.getMessageId());
        issues.add(issue);
      }
      answer.add("issues", issues);
      out.println(answer);
    }
  }

  /** Contexts of extensions are looked up in the published version, which is the one that is here and need not be fetched. */
  private static void knowsItsVersion(InstanceValidator validator, ValidationEngine engine) throws ReflectiveOperationException {
    Field session = BaseValidator.class.getDeclaredField("session");
    session.setAccessible(true);
    ((ValidatorSession) session.get(validator)).getOtherVersions().put("4.0", engine.getContext());
  }

  private static List<String> texts(JsonObject of, String name) {
    List<String> texts = new ArrayList<>();
    JsonElement all = of.get(name);
    if (all != null) for (JsonElement one : all.getAsJsonArray()) texts.add(one.getAsString());
    return texts;
  }

  /** Fetches nothing that is not loaded, and believes in every URL but those of examples. */
  private record Known(ValidationEngine engine) implements IValidatorResourceFetcher {
    @Override
    public Element fetch(IResourceValidator validator, Object context, String url) throws IOException {
      return engine.fetch(validator, context, url);
    }

    @Override
    public boolean resolveURL(
        IResourceValidator validator, Object context, String path, String url, String type, boolean canonical,
        List<CanonicalType> targets) {
      return !url.contains("example.org") && !url.startsWith("http://hl7.org/fhir/invalid");
    }

    @Override
    public byte[] fetchRaw(IResourceValidator validator, String url) {
      return null;
    }

    @Override
    public IValidatorResourceFetcher setLocale(Locale locale) {
      return this;
    }

    @Override
    public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object context, String url)
        throws URISyntaxException {
      return engine.getContext().fetchResource(Resource.class, url) instanceof CanonicalResource found ? found : null;
    }

    @Override
    public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
      return true;
    }

    @Override
    public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(
        IResourceValidator validator, Object context, String url) {
      return engine.fetchCanonicalResourceVersions(validator, context, url);
    }
  }
}
