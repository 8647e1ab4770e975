import { I18nProvider, startTheme } from '@ticketing/ui';
import '@ticketing/ui/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { startServiceWorker } from './install';
import './styles.css';
import { texts } from './texts';

startTheme();
startServiceWorker();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <I18nProvider texts={texts}>
      <App />
    </I18nProvider>
  </StrictMode>,
);
