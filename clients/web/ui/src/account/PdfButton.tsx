import type { ReactNode } from 'react';
import { Button, ErrorAlert } from '../components/basics';
import { useAction } from '../hooks/useAction';

interface PdfButtonProps {
  load: () => Promise<Blob>;
  fileName: string;
  children: ReactNode;
}

/** Fetches a PDF with the caller's token and hands it to the browser as a download. */
export function PdfButton({ load, fileName, children }: PdfButtonProps): ReactNode {
  const download = useAction(async () => {
    const url = URL.createObjectURL(await load());
    const link = document.createElement('a');
    link.href = url;
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
  return (
    <>
      <Button busy={download.busy} onClick={() => void download.run()}>{children}</Button>
      <ErrorAlert error={download.error} />
    </>
  );
}
