import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './styles.css';

const kApis = ['client', 'admin'] as const;

// ?api=client or ?api=admin; the documents are served beside this viewer, made from the routes themselves.
const asked = new URLSearchParams(globalThis.location.search).get('api');
const api = kApis.find((name) => name === asked) ?? 'client';
const address = new URL(`../apis/${api}/openapi.json`, globalThis.location.href).href;

for (const link of document.querySelectorAll<HTMLAnchorElement>('.choice nav a')) {
  if (link.search === `?api=${api}`) link.setAttribute('aria-current', 'page');
}
document.querySelector<HTMLAnchorElement>('.choice .source')!.href = address;

SwaggerUI({
  url: address,
  domNode: document.getElementById('viewer')!,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // Reading only: requests belong to the clients and to the integrator's own tools.
  supportedSubmitMethods: [],
  validatorUrl: null,
});
